"""What the store holds at one moment: all that is judged, and nothing judged yet."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from model.errors import DamagedModelError
from model.figures import Figures
from monitor.agreement import Serving
from registry.history import HISTORY_KEY, Run, read_history
from registry.manifest import Manifest
from registry.objects import ObjectMissingError
from registry.pointer import Pointer
from registry.registry import Registry

_SECONDS_OF_A_DAY = 86_400


@dataclass(frozen=True)
class Observation:
    """The store at a moment. What could not be read is None, and `model_damage` or `pointer_damage` says why.

    `serving` is what the API's replicas say, None where there is no cluster.
    """

    at: datetime
    pointer: Pointer | None
    pointer_damage: str
    manifest: Manifest | None
    figures: Figures | None
    model_damage: str
    has_previous: bool
    last_run: Run | None
    history_is_damaged: bool
    serving: Serving | None = None

    @property
    def model_age_days(self) -> float | None:
        """Days since the model in service was made, never below 0."""
        if self.manifest is None:
            return None
        return max(0.0, (self.at - self.manifest.created_at).total_seconds() / _SECONDS_OF_A_DAY)


def observe(registry: Registry, at: datetime) -> Observation:
    """Read the pointer, the history, and the whole model in service, so that its checksum is checked too.

    Raises StoreUnavailableError, StoreRefusedError.
    """
    state = registry.pointer_state()
    versions = {summary.version for summary in registry.versions()}
    model = _read_model(registry, state.pointer.version) if state.pointer else (None, None, "")
    manifest, figures, model_damage = model
    runs = read_history(registry.store)
    return Observation(
        at=at,
        pointer=state.pointer,
        pointer_damage=state.damage,
        manifest=manifest,
        figures=figures,
        model_damage=model_damage,
        has_previous=bool(state.pointer and state.pointer.previous in versions),
        last_run=runs[-1] if runs else None,
        history_is_damaged=not runs and _holds_history(registry),
    )


def _read_model(registry: Registry, version: str) -> tuple[Manifest | None, Figures | None, str]:
    """Give the manifest, the figures, and why one of them is not to be had."""
    manifest = None
    try:
        manifest = registry.manifest(version)
        with tempfile.TemporaryDirectory(prefix="recommender-monitor-") as folder:
            model = registry.load(version, Path(folder))
            return manifest, Figures.as_trained(model, manifest.metrics), ""
    except ObjectMissingError:
        return None, None, f"current.json names {version}, which the store does not hold"
    except DamagedModelError as error:
        return manifest, None, error.message


def _holds_history(registry: Registry) -> bool:
    """Whether there is a metrics.json with something in it, though no run could be read from it."""
    try:
        return registry.store.get(HISTORY_KEY).body.strip() != b"[]"
    except ObjectMissingError:
        return False
