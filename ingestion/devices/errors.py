"""What can go wrong while messages are made.

SimulationError
├── UsageError     the request contradicts itself or names what is not there (exit 2)
└── SourceError    the data or the place to write to is not what it must be (exit 1)
"""


class SimulationError(Exception):
    """Messages could not be made; the text names the place, the rule, the value met and the next step."""


class UsageError(SimulationError):
    """Raised when the request is wrong, before anything is written."""


class SourceError(SimulationError):
    """Raised when a file that is read, or the place that is written to, is not what it must be."""
