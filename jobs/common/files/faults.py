"""What file systems refuse, in our own words."""

from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError

from jobs.common.errors import JobFailed

WRITABLE = "see that the place can be written and run the same command again"
READABLE = (
    "see that the place is there and that the run's role may list and read it, and run the same command again"
)


@contextmanager
def refusals(uri: str, doing: str, accepted: str = WRITABLE) -> Iterator[None]:
    """Say in our own words what the file system has refused.

    Raises:
        JobFailed: Where it refused; its cause is the JVM's exception.
    """
    try:
        yield
    except Py4JJavaError as fault:
        said = str(fault.java_exception.toString())
        raise JobFailed(
            f"{uri}: expected to {doing}, the file system refused ({said}); {accepted}"
        ) from fault


def is_missing(fault: Py4JJavaError) -> bool:
    """Tell the exception for what is not there."""
    return is_of(fault, "java.io.FileNotFoundException")


def is_of(fault: Py4JJavaError, exception: str) -> bool:
    """Tell an exception by the full name of its class."""
    return str(fault.java_exception.getClass().getName()) == exception
