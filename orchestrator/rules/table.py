"""All rules, and how a request is held against them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from orchestrator.config.limits import Limits
from orchestrator.problems import Problem
from orchestrator.rules import (
    capacity_advice,
    care_advice,
    fleets,
    groups,
    request,
    scaling,
    serverless,
    serverless_advice,
    spark_advice,
    steps,
    volumes,
)
from orchestrator.rules.application import Application
from orchestrator.rules.cluster import Cluster
from orchestrator.rules.rule import Rule

RULES: Final[tuple[Rule[Cluster], ...]] = (
    *request.RULES,
    *fleets.RULES,
    *groups.RULES,
    *volumes.RULES,
    *scaling.RULES,
    *steps.RULES,
    *capacity_advice.RULES,
    *spark_advice.RULES,
    *care_advice.RULES,
)

APPLICATION_RULES: Final[tuple[Rule[Application], ...]] = (*serverless.RULES, *serverless_advice.RULES)


def check(request: Mapping[str, Any], limits: Limits) -> Iterator[Problem]:
    """Hold a request against all rules.

    Args:
        request: What of a request has the right types; anything may be missing.
        limits: Our own limits beside it.
    """
    cluster = Cluster(request, limits)
    for rule in RULES:
        yield from rule.problems(cluster)


def check_application(application: Application) -> Iterator[Problem]:
    """Hold an application and its job runs against all rules for them."""
    for rule in APPLICATION_RULES:
        yield from rule.problems(application)
