"""Stacks of CloudFormation on the embedded AWS."""

from pathlib import Path

from local_aws.clients import client


def deploy(url: str, template: Path, **parameters: str) -> dict[str, str]:
    """Make a stack, named as the template's file; return its outputs.

    Raises:
        botocore.exceptions.ClientError: What the embedded AWS refuses.
    """
    cloudformation = client(url, "cloudformation")
    try:
        cloudformation.create_stack(
            StackName=template.stem,
            TemplateBody=template.read_text(encoding="utf-8"),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
        [stack] = cloudformation.describe_stacks(StackName=template.stem)["Stacks"]
    finally:
        cloudformation.close()
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
