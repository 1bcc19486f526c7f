"""Which versions stay: the newest good ones, whatever was rejected since, and all that is or may come into service."""

from collections.abc import Collection, Iterable, Sequence
from enum import Enum, auto

from model.errors import DamagedModelError
from registry.layout import manifest_key
from registry.manifest import Manifest
from registry.objects import ObjectMissingError, ObjectStore
from registry.removal import remove_version


class Standing(Enum):
    """What a version is to retention.

    ACCEPTED: the gate or a person let it through, on all that was known, so that it can be gone back to. OTHER: a
    rejected candidate or a backfill, kept to be looked at and to be forced. UNREADABLE: its manifest is damaged, or a
    newer program wrote it.
    """

    ACCEPTED = auto()
    OTHER = auto()
    UNREADABLE = auto()


def prune_versions(store: ObjectStore, versions: Sequence[str], keep: int, used: Collection[str]) -> list[str]:
    """Remove the versions, given oldest first, that are neither kept nor used; give those that were removed."""
    if len(versions) <= keep:
        return []
    standings = {version: standing for version in versions if (standing := _standing(store, version))}
    kept = versions_to_keep(standings.items(), keep)
    return [one for one in standings if one not in kept and one not in used and remove_version(store, one)]


def versions_to_keep(standings: Iterable[tuple[str, Standing]], keep: int) -> set[str]:
    """Choose from versions, given oldest first, the newest `keep` of each standing.

    So bad candidates, however many, never push out the good ones. An unreadable version gets the benefit of the doubt:
    it stays as long as an accepted one of its age would, since its manifest may be mended, or be sound to the newer
    program that wrote it; it goes once `keep` accepted ones are newer, and takes no good one's place till then.
    """
    newest: dict[Standing, list[str]] = {standing: [] for standing in Standing}
    for version, standing in standings:
        newest[standing] = [*newest[standing], version][-keep:]
    accepted = newest[Standing.ACCEPTED]
    outlived_by = accepted[0] if len(accepted) == keep else ""
    doubtful = [version for version in newest[Standing.UNREADABLE] if version > outlived_by]
    return {*accepted, *newest[Standing.OTHER], *doubtful}


def _standing(store: ObjectStore, version: str) -> Standing | None:
    """Give a version's standing, None where it was removed meanwhile."""
    try:
        manifest = Manifest.from_json(version, store.get(manifest_key(version)).body)
    except ObjectMissingError:
        return None
    except DamagedModelError:
        return Standing.UNREADABLE
    went_through = manifest.accepted or manifest.forced is not None
    return Standing.ACCEPTED if went_through and manifest.as_of is None else Standing.OTHER
