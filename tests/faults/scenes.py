"""The runs whose calls are recorded: what the store holds before, and what the trainer is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from registry.objects import ObjectStore
from registry.pointer import CURRENT_KEY
from runtime.errors import Exit

State = Mapping[str, bytes]
_REJECTS_ALL: Final = MappingProxyType({"GATE": '{"times": {"action": "reject", "threshold": 0}}'})
_MANIFEST: Final = "/manifest.json"


@dataclass(frozen=True)
class Scene:
    """`runs_before` trainings, then one command, which ends with an exit code where nothing goes wrong."""

    runs_before: int
    arguments: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    exit_code: int = Exit.DONE
    keep_versions: int = 5

    @property
    def environment(self) -> dict[str, str]:
        return {**self.settings, "KEEP_VERSIONS": str(self.keep_versions)}


SCENES: Final[Mapping[str, Scene]] = {
    "first": Scene(0),
    "champion": Scene(1),
    "pruning": Scene(4, keep_versions=2),
    "rollback": Scene(2, ("rollback",)),
    "invalid": Scene(1, settings={"MIN_USERS": "1000"}, exit_code=Exit.BAD_DATA),
    "rejected": Scene(1, settings=_REJECTS_ALL),
    "forced": Scene(1, ("--force", "a test"), settings=_REJECTS_ALL),
    "backfill": Scene(1, ("--as-of", f"{datetime.now(UTC) - timedelta(days=14):%Y-%m-%dT%H:%M}")),
}


def state_of(store: ObjectStore) -> State:
    """Give all that a store holds."""
    return {info.key: store.get(info.key).body for info in store.list("")}


def restore(store: ObjectStore, state: State) -> None:
    """Bring a store to a state, in an order in which a reader finds what current.json names at any moment."""
    there = {info.key for info in store.list("")}
    for key in sorted(state, key=lambda key: (key == CURRENT_KEY, key.endswith(_MANIFEST), key)):
        if key not in there or store.get(key).body != state[key]:
            store.put(key, state[key])
    for key in sorted(there - state.keys(), key=lambda key: (not key.endswith(_MANIFEST), key)):
        store.delete(key)
