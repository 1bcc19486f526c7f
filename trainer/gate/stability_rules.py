"""Rules on how far the candidate's answers are from those in service."""

from typing import Final

import numpy as np

from model.model import Model
from trainer.gate.case import Case
from trainer.gate.ruling import Finding, NotJudged

_PRODUCTS: Final = 500
_NEIGHBOURS: Final = 10


def neighbours_overlap(case: Case, least: float) -> Finding | NotJudged:
    """Whether the champion's most popular products keep at least this share of their best neighbours."""
    if case.champion is None:
        return NotJudged(case.why_no_champion)
    champion = case.champion.manifest
    if (champion.recipe, dict(champion.settings)) != (case.recipe, dict(case.settings)):
        return NotJudged("The champion was made with another recipe or other settings.")
    overlap = neighbour_overlap(case.champion.model, case.model)
    if overlap is None:
        return NotJudged("No product of the champion has a neighbour.")
    told = f"The champion's {_PRODUCTS} most popular products keep {overlap:.1%} of their {_NEIGHBOURS} best neighbours"
    return Finding(overlap, overlap >= least, f"{told}; {least:.0%} is asked.")


def neighbour_overlap(champion: Model, candidate: Model) -> float | None:
    """Give the mean share of their ten best neighbours that the champion's 500 most popular products keep.

    A product that the candidate does not know keeps none. None where no such product has a neighbour.
    """
    lengths = np.diff(champion.neighbours.indptr)
    items = champion.by_popularity[lengths[champion.by_popularity] > 0][:_PRODUCTS]
    return float(np.mean([_kept_share(champion, candidate, item) for item in items.tolist()])) if len(items) else None


def _kept_share(champion: Model, candidate: Model, item_idx: int) -> float:
    before = _best(champion, item_idx)
    found = candidate.products.find(champion.products.at(item_idx))
    return len(before & _best(candidate, found)) / len(before) if found is not None else 0.0


def _best(model: Model, item_idx: int) -> set[str]:
    items, _ = model.neighbours.row(item_idx)
    return {model.products.at(item) for item in items[:_NEIGHBOURS].tolist()}
