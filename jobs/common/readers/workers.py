"""What a Python worker of Spark settles once, for all tasks of the run that it does."""

import importlib


def settle() -> None:
    """Let the places that modules are imported from be looked at once.

    Before each task PySpark has the worker forget what it knows of them, for files that may have been added meanwhile,
    and each archive among them (PySpark's own, and Spark's jar) is read anew, once for each of its folders: 0.09 s a
    task. Nothing is added while a run of ours goes on. New places are found all the same, and folders that change.
    """
    importlib.invalidate_caches = _keep


def _keep() -> None:
    """Forget nothing."""
