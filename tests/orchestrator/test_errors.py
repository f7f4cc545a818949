import pytest

from orchestrator.errors import FailedError, OrchestratorError, RefusedError, TimedOutError, UsageError


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [(OrchestratorError, 1), (FailedError, 1), (UsageError, 2), (RefusedError, 3), (TimedOutError, 4)],
)
def test_each_kind_of_error_has_its_exit_code(error: type[OrchestratorError], exit_code: int) -> None:
    assert issubclass(error, OrchestratorError)
    assert error.exit_code == exit_code
