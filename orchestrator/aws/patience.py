"""How long clients wait for AWS, and how often they try by themselves."""

from typing import Final

from botocore.config import Config

_CONNECT_S: Final = 10
# How long a call may take: beyond that it has failed, and what it did is unknown.
READ_S: Final = 60
READING: Final = Config(
    connect_timeout=_CONNECT_S, read_timeout=READ_S, retries={"mode": "standard", "total_max_attempts": 3}
)
# A write that boto3 tries again after a lost answer is done twice: what is safe to repeat is decided by us.
WRITING: Final = Config(
    connect_timeout=_CONNECT_S, read_timeout=READ_S, retries={"mode": "standard", "total_max_attempts": 1}
)
