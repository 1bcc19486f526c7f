"""Why a product stands in a list: which products led to it, how much each adds to its score, and how many had both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.answers import FILLING, Answer
from model.histories import Histories
from model.model import Model
from model.sparse_rows import entries_of_rows

MOST_REASONS: Final = 5
# Counting looks at all interactions of the model: 10 ms on the 870,000 of the Complete Journey.
MOST_COUNTED: Final = 20_000_000


@dataclass(frozen=True)
class Reason:
    """An item that led to an answer, and its part w_i * s_ij of the score.

    `shoppers`: how many users have both; None where the model has too many interactions to count them.
    """

    item_idx: int
    part: float
    shoppers: int | None


@dataclass(frozen=True)
class Explanation:
    """The parts of an answer's score, which add up to it but for the rounding of float32.

    `reasons` are the greatest parts, at most MOST_REASONS. `rest` is what other items of the history add, `again` what
    the product adds itself, being in the history, and `popularity` is the score of what is listed for being popular.
    """

    reasons: tuple[Reason, ...] = ()
    rest: float = 0.0
    again: float = 0.0
    popularity: float = 0.0


def explanations(model: Model, history: Histories, answers: Sequence[Answer]) -> list[Explanation]:
    """Explain what `recommend` answers to a history of distinct items, or `similar` to one item of weight 1.

    What fills a list up with score 0 has no parts.
    """
    history = history.below(len(model.products))
    led = [_parts(model, history, answer) for answer in answers]
    shown = [parts[:MOST_REASONS] for parts in led]
    pairs = [(item, answer.item_idx) for parts, answer in zip(shown, answers, strict=True) for item, _ in parts]
    counts = iter(users_of_both(model.histories, pairs))
    return [
        Explanation(
            tuple(Reason(item, part, next(counts)) for item, part in first),
            sum(part for _, part in parts[MOST_REASONS:]),
            _again(history, answer),
            answer.score if answer.source in FILLING else 0.0,
        )
        for first, parts, answer in zip(shown, led, answers, strict=True)
    ]


def users_of_both(histories: Histories, pairs: Sequence[tuple[int, int]]) -> list[int | None]:
    """Count the users of each pair of items; None where there are more than MOST_COUNTED interactions."""
    if histories.n_interactions > MOST_COUNTED:
        return [None] * len(pairs)
    users = _users(histories, {item for pair in pairs for item in pair})
    return [len(np.intersect1d(users[one], users[other], assume_unique=True)) for one, other in pairs]


def _users(histories: Histories, items: set[int]) -> dict[int, NDArray[np.int64]]:
    """Give the users of some items, in one pass over all interactions."""
    if not items:
        return {}
    is_asked = np.zeros(max(*items, histories.indices.max(initial=0)) + 1, np.bool_)
    is_asked[list(items)] = True
    entries = np.flatnonzero(is_asked[histories.indices])
    users, owned = np.searchsorted(histories.indptr, entries, side="right") - 1, histories.indices[entries]
    order = np.argsort(owned, kind="stable")
    owned, users = owned[order], users[order]
    return {item: users[np.searchsorted(owned, item) : np.searchsorted(owned, item, side="right")] for item in items}


def _parts(model: Model, history: Histories, answer: Answer) -> list[tuple[int, float]]:
    """Give the items that led to an answer, and what each adds, the most first, ties by rising item."""
    rows = model.borrowed if answer.borrowed else model.neighbours
    if rows is None or answer.score == 0 or answer.source in FILLING:
        return []
    entries, lengths = entries_of_rows(rows.indptr, history.indices)
    is_answer = rows.indices[entries] == answer.item_idx
    items = np.repeat(history.indices, lengths)[is_answer]
    weights = np.repeat(history.weights.astype(np.float64), lengths)[is_answer]
    parts = weights * rows.scores[entries[is_answer]]
    order = np.lexsort((items, -parts))
    return list(zip(items[order].tolist(), parts[order].tolist(), strict=True))


def _again(history: Histories, answer: Answer) -> float:
    if history.again is None or answer.score == 0 or answer.source in FILLING or answer.borrowed:
        return 0.0
    return float(history.again[history.indices == answer.item_idx].sum())
