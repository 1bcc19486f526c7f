"""Every operation of the contract, and what its failures have to say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from registry.objects import ObjectStore, StoreRefusedError, StoreUnavailableError
from runtime.errors import Exit

KEY = "models/key"
Operation = Callable[[ObjectStore, Path], object]
READING: dict[str, Operation] = {
    "read": lambda store, _: store.get(KEY),
    "read to a file": lambda store, folder: store.fetch(KEY, folder),
    "list": lambda store, _: list(store.list(KEY)),
}
WRITING: dict[str, Operation] = {
    "write": lambda store, _: store.put(KEY, b"body"),
    "write a new object": lambda store, _: store.put(f"{KEY}-2", b"body", if_none_match=True),
    "write over an etag": lambda store, _: store.put(KEY, b"body", if_match=store_etag(store)),
    "delete": lambda store, _: store.delete(KEY),
}
ALL = READING | WRITING


def store_etag(store: ObjectStore) -> str:
    """Give the key's etag where the store can be read, so that only the write itself can fail."""
    try:
        return store.get(KEY).etag
    except (StoreRefusedError, StoreUnavailableError):
        return "any etag"


def assert_all_fail(
    operations: dict[str, Operation], store: ObjectStore, folder: Path, exit_code: Exit, *said: str
) -> None:
    """Each operation fails with one line that names operation, key and place, and with the exit code."""
    for name, operation in operations.items():
        with pytest.raises((StoreRefusedError, StoreUnavailableError)) as raised:
            operation(store, folder)
        line = str(raised.value)
        assert line.startswith(f"cannot {name.split()[0]} "), name
        assert raised.value.exit_code == exit_code, line
        assert [words for words in (KEY, *said) if words not in line] == [], line
        assert "\n" not in line
