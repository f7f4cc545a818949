"""Steps: what passes at the edge, and what is told one beyond."""

from typing import Any

import pytest

from tests.orchestrator.rules.holding import FAULTLESS, NOTHING, changed, told


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({"StepConcurrencyLevel": 1}, []),
        ({"StepConcurrencyLevel": 256}, []),
        ({"StepConcurrencyLevel": 0}, ["ERROR StepConcurrencyLevel: out of range, got 0; expected 1 to 256"]),
        (
            {"StepConcurrencyLevel": 257},
            ["ERROR StepConcurrencyLevel: out of range, got 257; expected 1 to 256"],
        ),
        (
            {
                "StepConcurrencyLevel": 2,
                "ReleaseLabel": "emr-5.27.0",
                "ManagedScalingPolicy": NOTHING,
                "AutoTerminationPolicy": NOTHING,
            },
            [
                (
                    "ERROR StepConcurrencyLevel: step concurrency with an older release, got 2; expected "
                    "5.28.0 or later"
                ),
                (
                    "WARNING AutoTerminationPolicy: kept alive, and nothing ends it when it is idle; expected"
                    " AutoTerminationPolicy with IdleTimeout, or limits.idle_timeout_seconds"
                ),
            ],
        ),
        ({"Steps.0.ActionOnFailure": "CANCEL_AND_WAIT"}, []),
        (
            {"Steps.0.ActionOnFailure": "CANCEL_AND_WAIT", "StepConcurrencyLevel": 2},
            [
                (
                    "ERROR Steps[0].ActionOnFailure: steps run beside each other, got 'CANCEL_AND_WAIT'; "
                    "expected CONTINUE, or StepConcurrencyLevel: 1"
                )
            ],
        ),
        (
            {"Steps.0.ActionOnFailure": "TERMINATE_CLUSTER", "StepConcurrencyLevel": 2},
            [
                (
                    "ERROR Steps[0].ActionOnFailure: steps run beside each other, got 'TERMINATE_CLUSTER'; "
                    "expected CONTINUE, or StepConcurrencyLevel: 1"
                )
            ],
        ),
        (
            {"Steps.0.ActionOnFailure": NOTHING, "StepConcurrencyLevel": 2},
            ["WARNING Steps[0].ActionOnFailure: steps run beside each other; expected CONTINUE"],
        ),
        ({"Steps": FAULTLESS["Steps"] * 256}, []),
        ({"Steps": FAULTLESS["Steps"] * 257}, ["ERROR Steps: too many steps, got 257; expected at most 256"]),
        (
            {
                "Steps.0.HadoopJarStep": {
                    "Jar": "j",
                    "MainClass": "m",
                    "Args": ["a" * 5000, "b" * 5000],
                    "Properties": [{"Key": "k", "Value": "v" * 237}],
                }
            },
            [],
        ),
        (
            {
                "Steps.0.HadoopJarStep": {
                    "Jar": "j",
                    "MainClass": "m",
                    "Args": ["a" * 5000, "b" * 5000],
                    "Properties": [{"Key": "k", "Value": "v" * 238}],
                }
            },
            [
                (
                    "ERROR Steps[0].HadoopJarStep: too many characters, got 10241; expected at most 10,240 in"
                    " all strings"
                )
            ],
        ),
    ],
)
def test_rules_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes)) == findings
