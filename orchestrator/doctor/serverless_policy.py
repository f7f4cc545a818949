"""What a caller needs for applications of EMR Serverless, and no more.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonemrserverless.html
"""

from typing import Any, Final

from orchestrator.doctor.policy import AWS, allow
from orchestrator.ownership import OWNER

SERVERLESS_SERVICE: Final = "emr-serverless.amazonaws.com"
LOOK: Final = (
    "emr-serverless:GetApplication",
    "emr-serverless:GetJobRun",
    "emr-serverless:ListApplications",
    "emr-serverless:ListJobRuns",
)
END: Final = (
    "emr-serverless:CancelJobRun",
    "emr-serverless:DeleteApplication",
    "emr-serverless:StopApplication",
)


def serverless_statements(owner: str, role: str, partition: str = AWS) -> list[dict[str, Any]]:
    """Return the statements of whoever runs pipelines on applications.

    Applications are created with the owner's tag only, as are job runs, and only such are changed.

    Args:
        owner: The value of the owner's tag.
        role: The ARN of the role that jobs have.
        partition: That of the Region, as ARNs name it.
    """
    ours = f"arn:{partition}:emr-serverless:*:*:/applications/*"
    asked = {"StringEquals": {f"aws:RequestTag/{OWNER}": owner}}
    tagged = {"StringEquals": {f"aws:ResourceTag/{OWNER}": owner}}
    return [
        allow("SeeApplications", LOOK, "*"),
        allow(
            "CreateAsOwner", ("emr-serverless:CreateApplication", "emr-serverless:TagResource"), "*", asked
        ),
        allow("RunOnOurs", (*END, "emr-serverless:StartJobRun"), ours, tagged),
        allow(
            "PassJobRole",
            ("iam:PassRole",),
            role,
            {"StringEquals": {"iam:PassedToService": SERVERLESS_SERVICE}},
        ),
    ]
