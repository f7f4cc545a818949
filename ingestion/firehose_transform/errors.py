"""What can go wrong in the transform.

TransformError
├── WrongEventError    the function was called with what is no Firehose transformation event
├── SettingsError      an environment variable, or the stream's name, tells nothing to do
├── CannotOpenError    one record cannot be opened as a whole; it is answered as ProcessingFailed
└── PutRefusedError    the stream refuses what is sent back to it, and would again

The first two end the call: Firehose tries three times, then keeps every record under `processing-failed/`.
"""


class TransformError(Exception):
    """Something could not be transformed; the text names place, rule, value and next step."""


class WrongEventError(TransformError):
    """Raised when the event is of another kind."""


class SettingsError(TransformError):
    """Raised when it is not clear which stream's function is to be used, or how."""


class CannotOpenError(TransformError):
    """Raised when a record holds nothing that can be told apart as messages."""


class PutRefusedError(TransformError):
    """Raised when sending records back is refused for a reason that trying again does not mend."""
