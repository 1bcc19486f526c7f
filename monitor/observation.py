"""What the store holds at one moment: all that is judged, and nothing judged yet."""

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from model.errors import DamagedModelError
from model.figures import Figures
from model.golden import wrong_answer
from model.overlap import BestNeighbours, kept_share, popular_neighbours
from monitor.agreement import Serving
from monitor.timetable import Timetable
from registry.history import HISTORY_KEY, Run, read_history
from registry.manifest import Manifest
from registry.objects import ObjectMissingError
from registry.pointer import Pointer
from registry.registry import Registry

DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class ServedModel:
    """The model in service as it was read. What could not be read is None, and `damage` says why.

    `wrong_answer` is the first golden answer that it does not give. `overlap` is how much the version before has in
    common with it, None where there is none to compare with.
    """

    manifest: Manifest | None = None
    figures: Figures | None = None
    damage: str = ""
    wrong_answer: str | None = None
    overlap: float | None = None


@dataclass(frozen=True)
class Observation:
    """The store at a moment, and what runs around it. `runs` are the history, oldest first.

    `serving` is what the API's replicas say and `timetable` what the CronJob does, None where there is no cluster.
    """

    at: datetime
    pointer: Pointer | None
    pointer_damage: str
    model: ServedModel
    n_versions: int
    has_previous: bool
    runs: tuple[Run, ...]
    history_is_damaged: bool
    serving: Serving | None = None
    timetable: Timetable | None = None

    @property
    def manifest(self) -> Manifest | None:
        """The manifest of the model in service."""
        return self.model.manifest

    @property
    def figures(self) -> Figures | None:
        """The figures of the model in service."""
        return self.model.figures

    @property
    def wrong_of_replicas(self) -> tuple[str, ...]:
        """What replicas do not say as the model does."""
        return self.serving.wrong if self.serving else ()

    @property
    def last_run(self) -> Run | None:
        """The newest run of the trainer."""
        return self.runs[-1] if self.runs else None

    @property
    def model_age_days(self) -> float | None:
        """Days since the model in service was made, never below 0."""
        return None if self.manifest is None else max(0.0, (self.at - self.manifest.created_at) / DAY)


def observe(registry: Registry, at: datetime) -> Observation:
    """Read the pointer, the history, and the whole model in service, so that its checksum is checked too.

    Raises StoreUnavailableError, StoreRefusedError.
    """
    state = registry.pointer_state()
    versions = {summary.version for summary in registry.versions()}
    runs = read_history(registry.store)
    return Observation(
        at=at,
        pointer=state.pointer,
        pointer_damage=state.damage,
        model=_read_model(registry, state.pointer) if state.pointer else ServedModel(),
        n_versions=len(versions),
        has_previous=bool(state.pointer and state.pointer.previous in versions),
        runs=tuple(runs),
        history_is_damaged=not runs and _holds_history(registry),
    )


def _read_model(registry: Registry, pointer: Pointer) -> ServedModel:
    before = _popular_neighbours(registry, pointer.previous)  # first: there may be no room for two models at once
    manifest = None
    try:
        manifest = registry.manifest(pointer.version)
        with tempfile.TemporaryDirectory(prefix="recommender-monitor-") as folder:
            model = registry.load(pointer.version, Path(folder))
            return ServedModel(
                manifest,
                Figures.as_trained(model, manifest.metrics),
                wrong_answer=wrong_answer(model, manifest.golden),
                overlap=kept_share(before, model),
            )
    except ObjectMissingError:
        return ServedModel(damage=f"current.json names {pointer.version}, which the store does not hold")
    except DamagedModelError as error:
        return ServedModel(manifest, damage=error.message)


def _popular_neighbours(registry: Registry, previous: str | None) -> BestNeighbours:
    """Give those of the version before; none where that is gone, damaged, or has no neighbours."""
    if previous is None:
        return {}
    try:
        with tempfile.TemporaryDirectory(prefix="recommender-monitor-") as folder:
            return popular_neighbours(registry.load(previous, Path(folder)))
    except (ObjectMissingError, DamagedModelError):
        return {}


def _holds_history(registry: Registry) -> bool:
    """Whether there is a metrics.json with something in it, though no run could be read from it."""
    try:
        return registry.store.get(HISTORY_KEY).body.strip() != b"[]"
    except ObjectMissingError:
        return False
