"""Publishing a model: the artifact in a file, and the manifest that says what it is."""

import sys
import tempfile
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from model.codec import read_model, write_model
from model.figures import Figures
from registry.manifest import MODEL_FILE, FileEntry, Manifest, version_id
from registry.registry import Description, Registry
from trainer.candidate import Candidate
from trainer.evaluation.holdout import NoHoldout
from trainer.gate.case import related_products_share
from trainer.settings import TrainerSettings

_LIBRARIES: Final = ("connectorx", "numba", "numpy", "pyarrow", "safetensors", "scipy", "sqlalchemy")


def publish(registry: Registry, candidate: Candidate, settings: TrainerSettings) -> Manifest:
    """Write a candidate to the store as a new version, which is not in service yet, whatever the gate says of it.

    Raises DamagedModelError where it could not be read again, as with neighbours of a shop's own making that do not
    fit its products.
    """
    model, data = candidate.model, candidate.data

    def describe(created_at: datetime, entry: FileEntry) -> Description:
        manifest = Manifest(
            version=version_id(created_at, entry.sha256),
            created_at=created_at,
            data_until=data.until,
            recipe=settings.recipe,
            settings=settings.model_settings(),
            events=data.counts,
            event_weights=settings.event_weights(),
            data={**data.shares, "related_products_share": round(related_products_share(model), 6)},
            metrics=asdict(Figures.of(model)),
            holdout=None if isinstance(candidate.trial, NoHoldout) else candidate.trial.evaluation.as_json(),
            gate=candidate.report.as_json(),
            accepted=candidate.report.accepts,
            forced=_forced(candidate, settings),
            as_of=settings.as_of,
            libraries={"python": sys.version.split()[0], **{name: version(name) for name in _LIBRARIES}},
            files={MODEL_FILE: entry},
        )
        return Description(manifest)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MODEL_FILE
        write_model(model, path)
        read_model(path)
        return registry.publish(path, describe)


def _forced(candidate: Candidate, settings: TrainerSettings) -> dict[str, str] | None:
    """Tell who put a candidate in service that the gate rejects, and why."""
    if settings.force is None or candidate.report.accepts:
        return None
    return {"by": settings.who, "reason": settings.force}
