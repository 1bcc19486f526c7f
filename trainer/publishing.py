"""Publishing a model: the artifact in a file, and the manifest that says what it is."""

import logging
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from model.catalogue import Catalogue
from model.codec import read_model, write_model
from model.figures import Figures
from model.golden import golden_answers
from registry.history import Run
from registry.manifest import CARD_FILE, MODEL_FILE, FileEntry, Manifest, version_id
from registry.registry import Description, Registry
from trainer.candidate import Candidate
from trainer.card import RecommendationShares, render_card
from trainer.evaluation.holdout import NoHoldout
from trainer.gate.case import related_products_share

log = logging.getLogger(__name__)

_LIBRARIES: Final = ("connectorx", "numba", "numpy", "pyarrow", "safetensors", "scipy", "sqlalchemy")


def publish(
    registry: Registry,
    candidate: Candidate,
    history: Sequence[Run],
    seconds_by_step: Mapping[str, float],
) -> Manifest:
    """Write a candidate to the store as a new version, which is not in service yet, whatever the gate says of it.

    Its card shows it among the runs of the history. Raises DamagedModelError where it could not be read again, as with
    neighbours of a shop's own making that do not fit its products.
    """

    def describe(created_at: datetime, entry: FileEntry) -> Description:
        manifest = _manifest(candidate, created_at, entry)
        card = _card(manifest, candidate, history, seconds_by_step)
        entries = {name: FileEntry.of_bytes(body) for name, body in card.items()}
        return Description(manifest.model_copy(update={"files": {MODEL_FILE: entry, **entries}}), card)

    model = candidate.model if candidate.settings.keep_histories else candidate.model.without_histories()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MODEL_FILE
        write_model(model, path)
        read_model(path)
        return registry.publish(path, describe)


def _manifest(candidate: Candidate, created_at: datetime, entry: FileEntry) -> Manifest:
    model, data, trial, settings = candidate.model, candidate.data, candidate.trial, candidate.settings
    return Manifest(
        version=version_id(created_at, entry.sha256),
        created_at=created_at,
        data_until=data.until,
        recipe=settings.recipe,
        choice=None if candidate.choice is None else candidate.choice.as_json(),
        settings=settings.model_settings(),
        events=data.counts,
        event_weights=settings.event_weights(),
        data={
            **data.shares,
            "related_products_share": round(related_products_share(model), 6),
            "unlisted_products": model.neighbours.n_unlisted,
            "borrowing_products": model.n_borrowing,
            **candidate.left_out.figures,
            **candidate.news.figures,
            "kept_histories": len(model.users) if settings.keep_histories else 0,
            **_catalogue_figures(model.catalogue),
        },
        metrics=asdict(Figures.of(model)),
        holdout=None if isinstance(trial, NoHoldout) else trial.evaluation.as_json(),
        gate=candidate.report.as_json(),
        accepted=candidate.report.accepts,
        forced=_forced(candidate),
        as_of=settings.as_of,
        golden=golden_answers(model),
        libraries={"python": sys.version.split()[0], **{name: version(name) for name in _LIBRARIES}},
        files={MODEL_FILE: entry},
    )


def _catalogue_figures(catalogue: Catalogue | None) -> dict[str, float]:
    if catalogue is None:
        return {}
    return {
        "catalogue_products": catalogue.n_listed,
        "new_products": len(catalogue.new_products),
        "unavailable_products": catalogue.n_unavailable,
    }


def _card(
    manifest: Manifest, candidate: Candidate, history: Sequence[Run], seconds_by_step: Mapping[str, float]
) -> dict[str, bytes]:
    """Give the card, by its file's name; none where it cannot be drawn, which is no reason to keep a model back."""
    trial = candidate.trial
    shares = None if isinstance(trial, NoHoldout) else RecommendationShares(trial.popularity, trial.recommended)
    try:
        return {CARD_FILE: render_card(manifest, candidate.model, history, shares, seconds_by_step)}
    except Exception as error:  # noqa: BLE001 (whatever it is)
        log.warning(
            "The version has no model card: %s: %s. This is a bug: please report it", type(error).__name__, error
        )
        return {}


def _forced(candidate: Candidate) -> dict[str, str] | None:
    """Tell who put a candidate in service that the gate rejects, and why."""
    settings = candidate.settings
    if settings.force is None or candidate.report.accepts:
        return None
    return {"by": settings.who, "reason": settings.force}
