"""Promotion and removal of the same version at the same moment: at most one goes on, and there is no lock.

Each leaves a note in the version's folder before it looks for the other's, so that of two at once at least one finds
the other's note (the rule of Dekker's algorithm: raise your own flag, then look at the other's):

- a promotion writes `promoting-<id>`, then lists the folder. It goes on only where the manifest is there and nobody is
  removing it; then it swaps current.json, and takes its note back.
- a removal writes `removing-<id>`, then reads the notes of promotions, then current.json. It goes on only where neither
  wants the version (registry/removal.py).

A promotion's note holds the etag of the current.json that it is going to replace. Once current.json has another, that
swap can never succeed and the note is void, whoever left it. So neither needs the other to be alive: whichever dies, at
whatever moment, current.json names a version that is whole, and what is left behind is void or a day old some time.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from registry.layout import folder_of, manifest_key
from registry.objects import ObjectMissingError, ObjectStore
from runtime.errors import RecommenderError

PROMOTING: Final = "promoting-"
REMOVING: Final = "removing-"


@contextmanager
def promoting(store: ObjectStore, version: str, etag: str | None) -> Iterator[bool]:
    """Claim a version while current.json, which is at `etag`, is swapped for one that names it.

    Gives whether the version is there to stay: where it is not, nothing may name it.
    """
    note = new_note(version, PROMOTING)
    store.put(note, _over(etag))
    try:
        yield _stays(store, version)
    finally:
        # Whether the swap was done is what matters. A note that stays behind is void once current.json has changed.
        with suppress(RecommenderError):
            store.delete(note)


def new_note(version: str, kind: str) -> str:
    """Give the key of a note that is nobody else's."""
    return f"{folder_of(version)}{kind}{uuid.uuid4().hex}"


def is_note(name: str) -> bool:
    """Whether a name in a version's folder is that of a note."""
    return name.startswith((PROMOTING, REMOVING))


def etag_in(store: ObjectStore, note: str) -> bytes | None:
    """Give the etag in a promotion's note, as `is_void` takes it; None where the note was taken back."""
    try:
        return store.get(note).body
    except ObjectMissingError:
        return None


def is_void(claimed: bytes | None, etag: str | None) -> bool:
    """Whether a note is of no effect, now that current.json, which was read after the note, is at `etag`."""
    return claimed != _over(etag)


def _over(etag: str | None) -> bytes:
    return (etag or "").encode()


def _stays(store: ObjectStore, version: str) -> bool:
    folder = folder_of(version)
    names = [info.key for info in store.list(folder)]
    return manifest_key(version) in names and not any(name.startswith(f"{folder}{REMOVING}") for name in names)
