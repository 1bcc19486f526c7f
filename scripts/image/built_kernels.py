"""Lets Numba start from what the image's build compiled: NUMBA_CACHE_LOCATOR_CLASSES names the class in here.

Numba takes compiled functions only from a folder that it can write to, so that beside sources on a read-only root it
never finds any. Here the writable folder is a new one below HOME, and begins with links to what the build left beside
the sources. What the build did not foresee, such as a shop's own functions, is compiled and kept in it as ever.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, cast

from numba.core.caching import UserWideCacheLocator


class BuiltKernels(UserWideCacheLocator):
    """The user's cache folder, filled from beside the source."""

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> Self | None:
        """Give the place for a function's compiled forms, None where no folder can be made."""
        locator: Any = super().from_function(py_func, py_file)  # type: ignore[no-untyped-call]
        if locator is not None:
            source, folder = Path(py_file), Path(locator.get_cache_path())
            for built in (source.parent / "__pycache__").glob(f"{source.stem}.*.nb[ci]"):
                with suppress(FileExistsError):  # of another function of the file, or of an earlier start
                    (folder / built.name).symlink_to(built)
        return cast("Self | None", locator)
