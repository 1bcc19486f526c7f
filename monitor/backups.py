"""The versions that the store keeps: how large, how old, of what, and which of them serves."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from model.errors import DamagedModelError
from registry.manifest import Manifest
from registry.objects import ObjectMissingError
from registry.pointer import PointerState
from registry.registry import Registry, VersionSummary


@dataclass(frozen=True)
class Backup:
    """One version. Of a version whose manifest is damaged, `problem` says so and the figures are None."""

    version: str
    created_at: datetime
    size_bytes: int
    n_users: int | None
    n_products: int | None
    n_interactions: int | None
    is_current: bool
    is_previous: bool
    problem: str | None


@dataclass(frozen=True)
class Backups:
    """The versions, newest first; `problem` says why none of them is current, where that is so."""

    store: str
    versions: tuple[Backup, ...]
    problem: str | None


def list_backups(registry: Registry, store_url: str) -> Backups:
    """List the versions.

    Raises StoreUnavailableError, StoreRefusedError.
    """
    state = registry.pointer_state()
    summaries = sorted(registry.versions(), key=lambda summary: summary.version, reverse=True)
    listed = [_backup(registry, summary, state) for summary in summaries]
    versions = tuple(backup for backup in listed if backup is not None)
    return Backups(store_url, versions, _problem(state, versions))


def as_json(backups: Backups) -> dict[str, Any]:
    """Render a listing for machines."""
    versions = [{**asdict(backup), "created_at": backup.created_at.isoformat()} for backup in backups.versions]
    return {"store": backups.store, "problem": backups.problem, "versions": versions}


def _backup(registry: Registry, summary: VersionSummary, state: PointerState) -> Backup | None:
    """Describe a version; None where it was pruned meanwhile."""
    manifest: Manifest | None = None
    problem = None
    try:
        manifest = registry.manifest(summary.version)
    except ObjectMissingError:
        return None
    except DamagedModelError as error:
        problem = error.message
    return Backup(
        version=summary.version,
        created_at=manifest.created_at if manifest else summary.published_at,
        size_bytes=summary.size_bytes,
        n_users=_count(manifest, "n_users"),
        n_products=_count(manifest, "n_products"),
        n_interactions=_count(manifest, "n_interactions"),
        is_current=bool(state.pointer and state.pointer.version == summary.version),
        is_previous=bool(state.pointer and state.pointer.previous == summary.version),
        problem=problem,
    )


def _count(manifest: Manifest | None, name: str) -> int | None:
    value = manifest.metrics.get(name) if manifest else None
    return None if value is None else int(value)


def _problem(state: PointerState, versions: tuple[Backup, ...]) -> str | None:
    if state.damage:
        return state.damage
    if state.pointer is None:
        return "no model was ever promoted" if versions else None
    if not any(backup.is_current for backup in versions):
        return f"current.json names {state.pointer.version}, which the store does not hold"
    return None
