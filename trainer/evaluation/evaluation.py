"""The metrics of the candidate and its rivals, user by user, and what they differ by."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.bands import Band, Bands, by_activity, by_novelty, by_popularity
from trainer.evaluation.bootstrap import Interval, intervals
from trainer.evaluation.catalogue import concentration, coverage
from trainer.evaluation.cut import CutBy
from trainer.evaluation.gain import ndcg
from trainer.evaluation.hits import Values, hit_rate, precision, recall
from trainer.evaluation.holdout import Holdout
from trainer.evaluation.lists import Served
from trainer.evaluation.truth import Truth

_DECIMALS: Final = 6


@dataclass(frozen=True)
class Metrics:
    """Means over users, or means of differences, with their intervals."""

    recall: Interval
    precision: Interval
    ndcg: Interval
    hit_rate: Interval


_N_METRICS: Final = len(fields(Metrics))


@dataclass(frozen=True)
class Side:
    """How one side did."""

    metrics: Metrics
    coverage: float
    concentration: float


@dataclass(frozen=True)
class Evaluation:
    """How a recipe did on a holdout.

    `champion` and `against_champion`, the paired difference of the candidate to it, are None where `champion_note` says
    why there is no champion to try; `buy_again`, what users did most, and `against_buy_again` are None where lists are
    of new products only. `kinds` are the kinds of events that count, none where all do. `repeat_share` is how much of
    all that known users took up they had had before.
    """

    k: int
    cut: datetime
    cut_by: CutBy
    n_users: int
    n_left_out: int
    n_new_users: int
    n_sampled_from: int
    kinds: tuple[str, ...]
    repeat_share: float
    candidate: Side
    popularity: Side
    champion: Side | None
    buy_again: Side | None
    against_popularity: Metrics
    against_champion: Metrics | None
    against_buy_again: Metrics | None
    champion_note: str
    bands: Bands

    def as_json(self) -> dict[str, Any]:
        """Render it as the manifest and the history hold it."""
        plain = {name: _plain(value) for name, value in vars(self).items()}
        return {**plain, "cut": self.cut.isoformat(), "cut_by": self.cut_by.value}


@dataclass(frozen=True)
class Known:
    """What was known of those who are asked, and of the products.

    `n_products` int64 (n_users,) is how many each had; `had` are the pairs of these users and what they had, as the
    truth writes them; `popularity` float32 is (n_products,).
    """

    n_products: NDArray[np.int64]
    had: NDArray[np.int64]
    popularity: NDArray[np.float32]


@dataclass(frozen=True)
class ServedSides:
    """The lists of each side; the champion's are the candidate's own where it is the same model."""

    candidate: Served
    popularity: Served
    champion: Served | None
    buy_again: Served | None

    def by_name(self) -> dict[str, Served]:
        """Give the sides that were tried."""
        return {name: served for name, served in vars(self).items() if served is not None}


def evaluate(holdout: Holdout, truth: Truth, known: Known, served: ServedSides, champion_note: str) -> Evaluation:
    """Score the lists of all sides against what the users took up."""
    lists = served.by_name()
    values = {name: _values(truth, one) for name, one in lists.items()}
    differences = {name: values["candidate"] - theirs for name, theirs in values.items() if name != "candidate"}
    found = intervals(np.hstack([*values.values(), *differences.values()]))
    metrics = [Metrics(*found[begin : begin + _N_METRICS]) for begin in range(0, len(found), _N_METRICS)]
    sides = {name: _side(one, lists[name]) for name, one in zip(values, metrics, strict=False)}
    against = dict(zip(differences, metrics[len(values) :], strict=True))
    return Evaluation(
        k=served.candidate.items.shape[1],
        cut=holdout.cut.time,
        cut_by=holdout.cut.by,
        n_users=len(truth.users),
        n_left_out=holdout.n_left_out + len(holdout.users) - len(truth.users),
        n_new_users=holdout.n_new_users,
        n_sampled_from=holdout.n_sampled_from,
        kinds=holdout.kinds,
        repeat_share=holdout.repeat_share,
        candidate=sides["candidate"],
        popularity=sides["popularity"],
        champion=sides.get("champion"),
        buy_again=sides.get("buy_again"),
        against_popularity=against["popularity"],
        against_champion=against.get("champion"),
        against_buy_again=against.get("buy_again"),
        champion_note=champion_note,
        bands=_bands(truth, known, served),
    )


def _bands(truth: Truth, known: Known, served: ServedSides) -> Bands:
    lists = {name: one.items for name, one in served.by_name().items()}
    gains = {name: ndcg(truth.hits(items), truth.sizes) for name, items in lists.items()}
    return Bands(
        by_activity(known.n_products, gains),
        by_popularity(known.popularity, truth, lists),
        by_novelty(known.had, truth, lists) if served.buy_again else (),
    )


def _values(truth: Truth, served: Served) -> Values:
    """Give the metrics of each user, float64 (n_users, 4), in the order of Metrics."""
    hits = truth.hits(served.items)
    return np.column_stack([recall(hits, truth.sizes), precision(hits), ndcg(hits, truth.sizes), hit_rate(hits)])


def _side(metrics: Metrics, served: Served) -> Side:
    return Side(metrics, coverage(served.recommended), concentration(served.recommended))


def _plain(value: object) -> object:
    """Give plain dictionaries and rounded numbers."""
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, Side):
        return _plain({**vars(value.metrics), "coverage": value.coverage, "concentration": value.concentration})
    if isinstance(value, Metrics | Interval | Band | Bands):
        return _plain(vars(value))
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value
