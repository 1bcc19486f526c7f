"""Whether current.json and the API's pin name the same version, and what brings them together where they do not.

Everybody here moves current.json first and pins the replicas then. So a pin of ours that differs is a restart that got
lost, and the pointer holds. A pin that somebody else changed last, as `kubectl rollout undo` does, is a wish: it holds
where it is the later of the two, and the store holds a sound version of that name.
"""

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from cluster.pin import Pin
from model.errors import DamagedModelError
from registry.objects import ObjectMissingError
from registry.pointer import PointerState
from registry.registry import Registry
from serving.replicas import Replicas

# current.json tells the time of the process that wrote it, the pin the API server's. Where they are as close as two
# clocks may be, the person at the keyboard is right.
_CLOCKS_DIFFER_BY: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Standing:
    """What current.json and the pin say at one moment. Replicas without a pin follow current.json by themselves."""

    state: PointerState
    pin: Pin

    @property
    def agrees(self) -> bool:
        """Whether there is nothing to bring together."""
        if self.pin.version is None:
            return True
        return self.state.pointer is not None and self.state.pointer.version == self.pin.version

    @property
    def pin_is_later(self) -> bool:
        """Whether somebody else changed the pin after current.json was last moved."""
        if self.pin.is_ours or self.pin.changed_at is None:
            return False
        pointer = self.state.pointer
        return pointer is None or self.pin.changed_at + _CLOCKS_DIFFER_BY >= pointer.promoted_at

    def __str__(self) -> str:
        named = self.state.pointer.version if self.state.pointer else self.state.damage or "nothing"
        return f"current.json names {named}, the replicas are pinned to {self.pin.version or 'no version'}"


def standing(registry: Registry, replicas: Replicas) -> Standing:
    """Look at both. Raises the errors of the store and of the cluster."""
    return Standing(registry.pointer_state(), replicas.pinned())


def agree(registry: Registry, replicas: Replicas, seen_by: str) -> str | None:
    """Bring the two together; give a sentence that says how, None where nothing had to be done or nothing can be.

    Raises LostRaceError or SupersededError where somebody changed one of them meanwhile, and the errors of the store
    and of the cluster.
    """
    found = standing(registry, replicas)
    if found.agrees:
        return None
    if found.pin_is_later and _is_sound(registry, found.pin.version):
        return _follow_pin(registry, found, seen_by)
    if found.state.pointer and _is_sound(registry, found.state.pointer.version):
        return _restart(replicas, found, found.state.pointer.version)
    return None


def _follow_pin(registry: Registry, found: Standing, seen_by: str) -> str:
    version, who = str(found.pin.version), found.pin.changed_by
    registry.promote(version, f"{who} changed the pin, seen by {seen_by}", found.state)
    return f"{found}, which {who} changed later: current.json names {version} now"


def _restart(replicas: Replicas, found: Standing, version: str) -> str:
    replicas.repin(version, f"model {version}, as current.json says", instead_of=found.pin.version)
    return f"{found}: a restart was lost, and the replicas restart with {version} now"


def _is_sound(registry: Registry, version: str | None) -> bool:
    """Whether the store holds a version that loads."""
    if version is None:
        return False
    try:
        with tempfile.TemporaryDirectory(prefix="recommender-agreement-") as folder:
            registry.load(version, Path(folder))
    except (ObjectMissingError, DamagedModelError):
        return False
    return True
