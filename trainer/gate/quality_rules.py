"""Rules on how well the candidate's recipe recommends, by what users did on a holdout.

The measure is ndcg@k, which rewards a hit and its place; an interval is the paired bootstrap's.
"""

from trainer.evaluation.evaluation import Evaluation
from trainer.gate.case import Case
from trainer.gate.ruling import Finding, NotJudged


def no_worse_than_champion(case: Case, tolerance: float) -> Finding | NotJudged:
    """Whether the lower end of the paired difference to the champion's ndcg, as a share of that, is >= -tolerance."""
    if case.champion is None:
        return NotJudged(case.why_no_champion)
    tried = case.evaluation
    if tried is None:
        return NotJudged(f"Not compared with the champion: {case.why_not}.")
    if tried.champion is None or tried.against_champion is None:
        return NotJudged(f"Not compared with the champion: {tried.champion_note}.")
    champion = tried.champion.metrics.ndcg.mean
    worst = tried.against_champion.ndcg.low / champion if champion > 0 else 0.0
    told = f"{_measured(tried)}, the champion's {champion:.4f}: with 95 % confidence {_change(worst)} at worst"
    return Finding(worst, worst >= -tolerance, f"{told}; {tolerance:.1%} less is allowed.")


def better_than_popularity(case: Case, margin: float) -> Finding | NotJudged:
    """Whether the upper end of the paired difference to popularity's ndcg, as a share of that, is above the margin.

    The upper end, so that a recipe is turned away where it is surely no better than popular products, and not where a
    few hundred users cannot tell.
    """
    tried = case.evaluation
    if tried is None:
        return NotJudged(f"Not compared with popular products: {case.why_not}.")
    popularity, best = tried.popularity.metrics.ndcg.mean, tried.against_popularity.ndcg.high
    gain = best / popularity if popularity > 0 else float(best > 0)
    told = f"{_measured(tried)}, popularity's {popularity:.4f}: with 95 % confidence {_change(gain)} at best"
    return Finding(gain, gain > margin, f"{told}; more than {margin:.1%} more is asked.")


def no_worse_than_buy_again(case: Case, tolerance: float) -> Finding | NotJudged:
    """Whether the upper end of the paired difference to buy again's ndcg, as a share of that, is >= -tolerance.

    A list that does as well as what users did most may be just that, which is right where nothing else helps.
    """
    tried = case.evaluation
    if tried is None:
        return NotJudged(f"Not compared with what users buy again: {case.why_not}.")
    if tried.buy_again is None or tried.against_buy_again is None:
        return NotJudged("Not compared with what users buy again: lists are of new products.")
    again, best = tried.buy_again.metrics.ndcg.mean, tried.against_buy_again.ndcg.high
    gain = best / again if again > 0 else 0.0
    told = f"{_measured(tried)}, buy again's {again:.4f}: with 95 % confidence {_change(gain)} at best"
    return Finding(gain, gain >= -tolerance, f"{told}; {tolerance:.1%} less is allowed.")


def _measured(tried: Evaluation) -> str:
    return f"ndcg@{tried.k} of {tried.n_users:,} users is {tried.candidate.metrics.ndcg.mean:.4f}"


def _change(share: float) -> str:
    return f"{abs(share):.1%} {'less' if share < 0 else 'more'}"
