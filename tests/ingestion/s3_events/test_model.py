"""What is found: refusals carry their reason."""

from ingestion.s3_events.model import Reason, RefusedError


def test_a_refusal_keeps_its_reason_beside_the_text() -> None:
    refused = RefusedError(Reason.BAD_SIZE, "size: expected some, got none")
    assert (refused.reason, refused.text, str(refused)) == (Reason.BAD_SIZE, str(refused), refused.text)
