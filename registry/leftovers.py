"""What unfinished work leaves in a store: halves of uploads, notes of processes that died, what a dead run staged."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from registry.claims import PROMOTING, etag_in, is_note, is_void
from registry.layout import MANIFEST_FILE, MODELS, version_and_name
from registry.manifest import is_version
from registry.objects import ObjectInfo, ObjectStore
from registry.pointer import read_pointer
from registry.staging import sweep_staging

# An upload is done within minutes, and a store's clock is off by minutes at most: what is a day old is dead.
UNFINISHED_FOR: Final = timedelta(days=1)


def sweep(store: ObjectStore, now: datetime) -> list[str]:
    """Remove what unfinished work left behind, and give the keys.

    These are the objects of a version that has no manifest and to which nothing was added for a day; the notes of
    registry/claims.py whose process is gone; what a run staged that is a day old; and what only the store itself sees
    of a write that never ended. Folders that do not bear a version's name are somebody else's, and are left alone.
    """
    before = now - UNFINISHED_FOR
    objects = [info for info in store.list(MODELS) if is_version(version_and_name(info.key)[0])]
    swept = []
    for _, folder in groupby(objects, key=lambda info: version_and_name(info.key)[0]):
        swept += list(_leftovers(store, list(folder), before))
    for key in swept:
        store.delete(key)
    return [*swept, *sweep_staging(store, before), *store.discard_unfinished("", before)]


def _leftovers(store: ObjectStore, objects: Sequence[ObjectInfo], before: datetime) -> Iterator[str]:
    """Give the keys in one version's folder that are to go."""
    exists = any(version_and_name(info.key)[1] == MANIFEST_FILE for info in objects)
    if not exists and all(info.modified_at < before for info in objects):
        yield from (info.key for info in objects)
    elif exists:
        notes = [info for info in objects if is_note(version_and_name(info.key)[1])]
        yield from (info.key for info in notes if info.modified_at < before or _is_void(store, info.key))


def _is_void(store: ObjectStore, note: str) -> bool:
    if not version_and_name(note)[1].startswith(PROMOTING):
        return False
    claimed = etag_in(store, note)
    return is_void(claimed, read_pointer(store).etag)
