"""The object store contract: six operations, and what each does when an object is missing, changed or already there.

Every backend keeps these promises, and one test suite holds them all to it:

- a reader sees a whole object or none, whatever happens to its writer;
- of several writers that all demand `if_none_match`, or all hold the same `if_match`, exactly one succeeds;
- a write that was done, but whose answer was lost and which was tried again, succeeds;
- what a writer that died left behind is no object, and goes by `discard_unfinished`;
- `delete` of what is not there succeeds. It is never conditional, since S3 stores do not agree on that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from runtime.errors import BadSettingsError, RecommenderError, TryAgainError


@dataclass(frozen=True)
class StoredObject:
    """An object's bytes, and the etag that changes whenever they do."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class ObjectInfo:
    """What a listing says of an object."""

    key: str
    size_bytes: int
    modified_at: datetime


class ObjectMissingError(RecommenderError):
    """There is no object at this key."""


class ObjectChangedError(RecommenderError):
    """The object is not the one that `if_match` names: somebody else wrote it, or deleted it."""


class ObjectExistsError(RecommenderError):
    """There is an object at this key already."""


class StoreUnavailableError(TryAgainError):
    """The store does not answer, answers with an error of its own, or is full."""


class StoreRefusedError(BadSettingsError):
    """The store is read-only, does not exist, or refuses these credentials."""


class ObjectStore(Protocol):
    """A place for objects under keys such as `models/<version>/manifest.json`.

    Each operation may raise StoreUnavailableError or StoreRefusedError; both name the operation, the key and the
    place.
    """

    def get(self, key: str) -> StoredObject:
        """Give an object. Raises ObjectMissingError."""

    def fetch(self, key: str, directory: Path) -> Path:
        """Give a local file that holds an object: in `directory`, or the store's own where it is local.

        Raises ObjectMissingError.
        """

    def put(self, key: str, body: bytes | Path, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write an object, from bytes or from a file, and give its etag.

        With `if_match`, only over the object of that etag: raises ObjectChangedError. With `if_none_match`, only
        where there is none: raises ObjectExistsError.
        """

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Give the objects whose keys begin with a prefix, in the order of their keys."""

    def delete(self, key: str) -> None:
        """Remove an object, if there is one."""

    def discard_unfinished(self, prefix: str, before: datetime) -> Sequence[str]:
        """Remove what writes below a prefix left behind that ended half-way before a moment; say what it was.

        No object is one of these, and no write that is still under way, provided that it began after that moment.
        """
