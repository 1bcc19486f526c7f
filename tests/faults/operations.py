"""A tap on the object store's contract, whatever operations that has and whichever backend keeps it."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Final

from registry.files import FileStore
from registry.objects import ObjectStore, StoreRefusedError, StoreUnavailableError
from registry.s3 import S3Store
from tests.faults.tap import Errors, Tap
from tests.faults.troubles import Kind

_OPERATIONS: Final = [name for name, value in vars(ObjectStore).items() if inspect.isfunction(value) and name[0] != "_"]
_ERRORS: Final[Errors] = {
    Kind.TIMEOUT: lambda: StoreUnavailableError("trouble made by a test: the store did not answer in time"),
    Kind.FORBIDDEN: lambda: StoreRefusedError("trouble made by a test: the store refused"),
    Kind.LOST: lambda: StoreUnavailableError("trouble made by a test: the answer was lost"),
}


def tap_operations(tap: Tap) -> None:
    """Let every operation of every store of this process go through a tap."""
    for backend in (FileStore, S3Store):
        for name in _OPERATIONS:
            setattr(backend, name, _tapped(getattr(backend, name), tap))


def _tapped(operation: Callable[..., Any], tap: Tap) -> Callable[..., Any]:
    @functools.wraps(operation)
    def through_tap(store: ObjectStore, key: str, *arguments: object, **options: object) -> object:
        def perform() -> object:
            given = operation(store, key, *arguments, **options)
            return iter(list(given)) if inspect.isgenerator(given) else given

        return tap.call(f"{operation.__name__} {key}", perform, _ERRORS)

    return through_tap
