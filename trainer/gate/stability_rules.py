"""Rules on how far the candidate's answers are from those in service."""

from model.overlap import NEIGHBOURS, PRODUCTS, neighbour_overlap
from trainer.gate.case import Case
from trainer.gate.ruling import Finding, NotJudged


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
    told = f"The champion's {PRODUCTS} most popular products keep {overlap:.1%} of their {NEIGHBOURS} best neighbours"
    return Finding(overlap, overlap >= least, f"{told}; {least:.0%} is asked.")
