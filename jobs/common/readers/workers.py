"""What a Python worker of Spark settles once, for all tasks of the run that it does."""

import gc
import importlib


def settle() -> None:
    """Have a worker look once, and not for each task, at where modules are imported from and at what is loaded.

    Before each task PySpark has the worker forget what it knows of them, for files that may have been added meanwhile,
    and each archive among them (PySpark's own, and Spark's jar) is read anew, once for each of its folders: 0.09 s a
    task. Nothing is added while a run of ours goes on. New places are found all the same, and folders that change.
    After each task PySpark looks through all objects for garbage: 0.07 s, for modules that stay anyway.
    """
    importlib.invalidate_caches = _keep
    if not gc.get_freeze_count():
        gc.freeze()


def _keep() -> None:
    """Forget nothing."""
