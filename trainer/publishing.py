"""Publishing a model: the artifact in a file, and the manifest that says what it is."""

import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from model.codec import read_model, write_model
from model.figures import Figures
from model.model import Model
from registry.manifest import MODEL_FILE, FileEntry, Manifest, version_id
from registry.registry import Description, Registry
from trainer.settings import TrainerSettings

_LIBRARIES: Final = ("connectorx", "numba", "numpy", "pyarrow", "safetensors", "scipy", "sqlalchemy")


@dataclass(frozen=True)
class TrainingData:
    """What is told of the events that a model was made of."""

    until: datetime | None
    counts: dict[str, int]


def publish(registry: Registry, model: Model, data: TrainingData, settings: TrainerSettings) -> Manifest:
    """Write a model to the store as a new version, which is not in service yet.

    Raises DamagedModelError where it could not be read again, as with neighbours of a shop's own making that do not
    fit its products.
    """

    def describe(created_at: datetime, entry: FileEntry) -> Description:
        manifest = Manifest(
            version=version_id(created_at, entry.sha256),
            created_at=created_at,
            data_until=data.until,
            recipe=settings.recipe,
            settings=_told_settings(settings),
            events=data.counts,
            event_weights=settings.event_weights(),
            metrics=asdict(Figures.of(model)),
            libraries={"python": sys.version.split()[0], **{name: version(name) for name in _LIBRARIES}},
            files={MODEL_FILE: entry},
        )
        return Description(manifest)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MODEL_FILE
        write_model(model, path)
        read_model(path)
        return registry.publish(path, describe)


def _told_settings(settings: TrainerSettings) -> dict[str, object]:
    """Give the settings that shape a model, none of which is a secret."""
    return {
        "min_co_occurrence": settings.min_co_occurrence,
        "neighbours": settings.neighbours,
        "trainer_class": settings.trainer_class,
    }
