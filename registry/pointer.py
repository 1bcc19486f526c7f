"""current.json: which version is in service. It is swapped by compare-and-set only."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from registry.claims import promoting
from registry.manifest import is_version
from registry.objects import ObjectChangedError, ObjectExistsError, ObjectMissingError, ObjectStore
from runtime.errors import BadDataError, TryAgainError

CURRENT_KEY: Final = "current.json"


class Pointer(BaseModel):
    """The version in service, the one before it, when it was promoted and by whom."""

    model_config = ConfigDict(frozen=True)

    version: str
    previous: str | None
    promoted_at: AwareDatetime
    promoted_by: str


class DamagedPointerError(BadDataError):
    """current.json is not a pointer, or points at nothing."""


class LostRaceError(TryAgainError):
    """Somebody else promoted a version, or removed this one, in the meantime."""


@dataclass(frozen=True)
class PointerState:
    """What current.json held at one moment, and the etag that a swap of it must name.

    No etag: there was no current.json. An etag and no pointer: it was damaged, as `damage` says.
    """

    pointer: Pointer | None = None
    etag: str | None = None
    damage: str = ""


def read_pointer(store: ObjectStore) -> PointerState:
    """Read current.json; damage is reported, not raised, since a promotion may mend it."""
    try:
        stored = store.get(CURRENT_KEY)
    except ObjectMissingError:
        return PointerState()
    try:
        pointer = Pointer.model_validate_json(stored.body)
    except ValidationError as error:
        detail = error.errors()[0]
        where = ".".join(str(part) for part in detail["loc"])
        return PointerState(etag=stored.etag, damage=f"{CURRENT_KEY} is damaged: {where} {detail['msg']}")
    for name in (pointer.version, pointer.previous):
        if name is not None and not is_version(name):
            return PointerState(etag=stored.etag, damage=f"{CURRENT_KEY} is damaged: {name[:60]!r} is no version")
    return PointerState(pointer, stored.etag)


def swap_pointer(store: ObjectStore, seen: PointerState, version: str, by: str, previous: str | None) -> Pointer:
    """Point at a version, provided that current.json is still what was seen. Raises LostRaceError."""
    pointer = Pointer(version=version, previous=previous, promoted_at=datetime.now(UTC), promoted_by=by)
    write_pointer(store, seen, pointer)
    return pointer


def write_pointer(store: ObjectStore, seen: PointerState, pointer: Pointer) -> None:
    """Write a pointer as it is, provided that current.json is still what was seen and the version is there.

    Raises LostRaceError.
    """
    body = json.dumps(pointer.model_dump(mode="json"), indent=2).encode()
    with promoting(store, pointer.version, seen.etag) as stays:
        if not stays:
            raise LostRaceError(
                f"the store does not hold {pointer.version}, or not for long; it was not promoted",
                hint="List the versions with `python -m trainer versions`",
            )
        try:
            store.put(CURRENT_KEY, body, if_match=seen.etag, if_none_match=seen.etag is None)
        except (ObjectChangedError, ObjectExistsError):
            raise LostRaceError(
                f"another process changed {CURRENT_KEY} while this one was at work; {pointer.version} was not promoted",
                hint="The store is sound; run again if the version in service is not the one you want",
            ) from None
