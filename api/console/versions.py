"""The versions in the store, as the console shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from plots.lookup import number_at
from registry.history import Run
from registry.pointer import Pointer
from registry.registry import VersionSummary


@dataclass(frozen=True)
class VersionRow:
    """A version, and what the run that made it told of it; what is not known is None or empty.

    `kind`: how what became of it looks. A version that was rejected can be put in service all the same.
    """

    name: str
    published_at: datetime
    size_bytes: int
    is_current: bool
    is_previous: bool
    outcome: str
    ndcg: float | None
    ndcg_low: float | None
    ndcg_high: float | None
    popularity_ndcg: float | None
    coverage: float | None
    n_products: int | None
    n_users: int | None


def version_rows(summaries: Sequence[VersionSummary], runs: Sequence[Run], pointer: Pointer | None) -> list[VersionRow]:
    """Give the versions, newest first."""
    made = {run.version: run for run in runs if run.version}
    return [_row(summary, made, pointer) for summary in reversed(summaries)]


def _row(summary: VersionSummary, made: Mapping[str, Run], pointer: Pointer | None) -> VersionRow:
    run = made.get(summary.version)
    holdout = None if run is None else run.holdout
    ndcg = (number_at(holdout, "candidate", "ndcg", part) for part in ("mean", "low", "high"))
    mean, low, high = ndcg
    return VersionRow(
        name=summary.version,
        published_at=summary.published_at,
        size_bytes=summary.size_bytes,
        is_current=pointer is not None and pointer.version == summary.version,
        is_previous=pointer is not None and pointer.previous == summary.version,
        outcome="" if run is None else run.outcome.value,
        ndcg=mean,
        ndcg_low=low,
        ndcg_high=high,
        popularity_ndcg=number_at(holdout, "popularity", "ndcg", "mean"),
        coverage=number_at(holdout, "candidate", "coverage"),
        n_products=None if run is None else run.n_products,
        n_users=None if run is None else run.n_users,
    )
