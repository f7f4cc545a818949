"""Quotas: enough for a small cluster, or the command that asks for more."""

from typing import Any

import pytest

from orchestrator.doctor.checks import State
from orchestrator.doctor.quotas import CODES, check_quota


class Quotas:
    """A service with one figure."""

    def __init__(self, value: float) -> None:
        self.value = value
        self.asked: list[dict[str, str]] = []

    def get_service_quota(self, **asked: str) -> Any:
        self.asked.append(asked)
        return {"Quota": {"Value": self.value}}


@pytest.mark.parametrize(("value", "state"), [(20, State.OK), (19.9, State.WARN), (0, State.WARN)])
@pytest.mark.parametrize("name", sorted(CODES))
def test_a_quota_is_enough_or_more_is_asked_for(name: str, value: float, state: State) -> None:
    quotas = Quotas(value)
    [found] = check_quota(quotas, name)
    assert (found.state, found.name) == (state, f"quota {name}")
    assert quotas.asked == [{"ServiceCode": "ec2", "QuotaCode": CODES[name]}]
    assert (f"--quota-code {CODES[name]} --desired-value 64" in found.mend) == (state is State.WARN)
