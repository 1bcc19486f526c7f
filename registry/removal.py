"""Removing a version, unless it is in service or somebody is about to put it there."""

from registry.claims import PROMOTING, REMOVING, etag_in, is_void, new_note
from registry.layout import folder_of, manifest_key
from registry.objects import ObjectStore
from registry.pointer import PointerState, read_pointer


def remove_version(store: ObjectStore, version: str) -> bool:
    """Remove a version that nobody wants; give whether it was removed.

    The manifest goes first, so that the version ends whole, and the own note last. Where this stops half-way, the rest
    has no manifest, and is swept as a failed upload is.
    """
    note = new_note(version, REMOVING)
    store.put(note, b"")
    if _is_wanted(store, version):
        store.delete(note)
        return False
    store.delete(manifest_key(version))
    keys = [info.key for info in store.list(folder_of(version)) if info.key != note]
    for key in [*keys, note]:
        store.delete(key)
    return True


def _is_wanted(store: ObjectStore, version: str) -> bool:
    """Whether current.json names a version or a promotion is under way: its note is read first, then current.json.

    In this order, for a promotion that took its note back before it was read is seen in current.json.
    """
    notes = [info.key for info in store.list(f"{folder_of(version)}{PROMOTING}")]
    claimed = [etag_in(store, note) for note in notes]
    state = read_pointer(store)
    return _names(state, version) or any(not is_void(etag, state.etag) for etag in claimed)


def _names(state: PointerState, version: str) -> bool:
    """Whether a version is the current or the previous one; a damaged pointer may have named any."""
    if state.damage:
        return True
    return state.pointer is not None and version in {state.pointer.version, state.pointer.previous}
