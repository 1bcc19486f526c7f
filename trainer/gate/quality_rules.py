"""Rules on how well the candidate's recipe recommends, by what users did on a holdout.

The measure is ndcg@k, which rewards a hit and its place; an interval is the paired bootstrap's.
"""

from collections.abc import Mapping
from typing import Any

from trainer.gate.case import Case
from trainer.gate.ruling import Finding, NotJudged

_METRIC = "ndcg"


def no_worse_than_champion(case: Case, tolerance: float) -> Finding | NotJudged:
    """Whether the lower end of the paired difference to the champion's ndcg, as a share of that, is >= -tolerance."""
    if case.champion is None:
        return NotJudged(case.why_no_champion)
    if case.holdout is None:
        return NotJudged(f"Not compared with the champion: {case.why_not}.")
    difference = case.holdout["against_champion"]
    if difference is None:
        return NotJudged(f"Not compared with the champion: {case.holdout['champion_note']}.")
    champion = case.holdout["champion"][_METRIC]["mean"]
    worst = difference[_METRIC]["low"] / champion if champion > 0 else 0.0
    told = f"{_measured(case.holdout)}, the champion's {champion:.4f}: with 95 % confidence {_change(worst)} at worst"
    return Finding(worst, worst >= -tolerance, f"{told}; {tolerance:.1%} less is allowed.")


def better_than_popularity(case: Case, margin: float) -> Finding | NotJudged:
    """Whether the upper end of the paired difference to popularity's ndcg, as a share of that, is above the margin.

    The upper end, so that a recipe is turned away where it is surely no better than popular products, and not where a
    few hundred users cannot tell.
    """
    if case.holdout is None:
        return NotJudged(f"Not compared with popular products: {case.why_not}.")
    popularity = case.holdout["popularity"][_METRIC]["mean"]
    best = case.holdout["against_popularity"][_METRIC]["high"]
    gain = best / popularity if popularity > 0 else float(best > 0)
    told = f"{_measured(case.holdout)}, popularity's {popularity:.4f}: with 95 % confidence {_change(gain)} at best"
    return Finding(gain, gain > margin, f"{told}; more than {margin:.1%} more is asked.")


def _measured(holdout: Mapping[str, Any]) -> str:
    candidate = holdout["candidate"][_METRIC]["mean"]
    return f"{_METRIC}@{holdout['k']} of {holdout['n_users']:,} users is {candidate:.4f}"


def _change(share: float) -> str:
    return f"{abs(share):.1%} {'less' if share < 0 else 'more'}"
