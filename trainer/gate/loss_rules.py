"""Rules on what was lost against what is usual in this shop: the median over its last accepted runs.

A loss is measured as a share of what is usual, 0 where nothing was lost.
"""

from functools import partial

from registry.history import Run
from trainer.gate.case import Case, related_products_share
from trainer.gate.ruling import Finding, NotJudged

_NO_HISTORY = NotJudged("No earlier run was accepted that could tell what is usual.")


def events_kept(case: Case, most_lost: float) -> Finding | NotJudged:
    """Whether no kind of event lost more than this share; the kind that lost most is told."""
    findings = [_events_of_kind_kept(case, kind, most_lost) for kind in case.usual.kinds()]
    judged = [finding for finding in findings if isinstance(finding, Finding)]
    return max(judged, key=lambda finding: finding.measured, default=_NO_HISTORY)


def users_kept(case: Case, most_lost: float) -> Finding | NotJudged:
    """Whether there are not many fewer users than usual."""
    usual = case.usual.of(lambda run: run.n_users)
    return _kept(case, f"{len(case.model.users):,} users", len(case.model.users), usual, most_lost)


def products_kept(case: Case, most_lost: float) -> Finding | NotJudged:
    """Whether there are not many fewer products than usual."""
    usual = case.usual.of(lambda run: run.n_products)
    return _kept(case, f"{len(case.model.products):,} products", len(case.model.products), usual, most_lost)


def interactions_kept(case: Case, most_lost: float) -> Finding | NotJudged:
    """Whether there are not many fewer pairs of user and product than usual."""
    now, usual = case.model.histories.n_interactions, case.usual.of(lambda run: run.n_interactions)
    return _kept(case, f"{now:,} interactions", now, usual, most_lost)


def coverage_kept(case: Case, most_lost: float) -> Finding | NotJudged:
    """Whether the share of products with a neighbour is not much smaller than usual."""
    now, usual = related_products_share(case.model), case.usual.of(_related_products_share)
    return _kept(case, f"{now:.1%} of the products with a neighbour", now, usual, most_lost)


def _events_of_kind_kept(case: Case, kind: str, most_lost: float) -> Finding | NotJudged:
    now, usual = case.data.counts.get(kind, 0), case.usual.of(partial(_events_of, kind))
    return _kept(case, f"{now:,} {kind} events", now, usual, most_lost)


def _events_of(kind: str, run: Run) -> int | None:
    return run.events.get(kind)


def _related_products_share(run: Run) -> float | None:
    return run.data.get("related_products_share")


def _kept(case: Case, what: str, now: float, usual: float | None, most_lost: float) -> Finding | NotJudged:
    if not usual:
        return _NO_HISTORY
    lost = max(0.0, 1 - now / usual)
    shown = f"{usual:.1%}" if usual <= 1 else f"{usual:,.0f}"
    change = f"{lost:.1%} less than" if lost else "no less than"
    sentence = f"{what}, {change} usual ({shown}, {case.usual}); {most_lost:.0%} less is allowed."
    return Finding(lost, lost <= most_lost, sentence)
