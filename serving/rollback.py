"""Going back to an earlier version because somebody asks for it: current.json first, then the replicas."""

from pathlib import Path

from registry.pointer import LostRaceError, Pointer, PointerState
from registry.registry import Registry
from runtime.errors import RecommenderError
from serving.agreement import Standing
from serving.replicas import Replicas


def roll_back(registry: Registry, replicas: Replicas, version: str | None, by: str, directory: Path) -> Pointer:
    """Put an earlier version back in service, by default the previous one, and begin to restart the replicas with it.

    Either both are done or none: where the replicas cannot be restarted, current.json is put back as it was, so that
    to ask again asks for the same. Where current.json names the version already and the replicas are pinned to another
    one, they are restarted. Raises BadSettingsError where there is no such version or it is in service already,
    DamagedModelError where it does not load, LostRaceError, and the errors of the store and of the cluster.
    """
    before = registry.pointer_state()
    if version and before.pointer and version == before.pointer.version:
        standing = Standing(before, replicas.pinned())
        if not standing.agrees:
            replicas.pin(version, f"rollback to model {version}")
            return before.pointer
    pointer = registry.roll_back(version, by, directory, before)
    try:
        replicas.pin(pointer.version, f"rollback to model {pointer.version}")
    except RecommenderError as failure:
        _take_back(registry, pointer, before, failure)
        raise
    return pointer


def _take_back(registry: Registry, pointer: Pointer, before: PointerState, failure: RecommenderError) -> None:
    """Put current.json back, and say in the failure what became of it."""
    stays = f"; current.json names {pointer.version}, which the monitor brings to the replicas"
    if before.pointer is None:
        failure.message += stays
        return
    try:
        registry.take_back(pointer, before.pointer)
    except LostRaceError as lost:
        failure.message += f"; {lost.message}"
    except RecommenderError as trouble:
        failure.message += f"{stays}: it could not be put back: {trouble.message}"
    else:
        failure.message += f"; current.json names {before.pointer.version} again"
