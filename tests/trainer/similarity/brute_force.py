"""Neighbours once more, by whole matrices and a full sort: slow, and written from the definitions alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from model.neighbours import Neighbours

Row = list[tuple[int, np.float32]]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """What all pairs have in common: users, dot products, and the users of each item; and how many users there are."""

    together: Floats
    dots: Floats
    users: Floats
    n_users: int

    @classmethod
    def of(cls, user_items: sp.csr_matrix, activity_exponent: float) -> "Pairs":
        weights = user_items.toarray().astype(np.float64)
        known = np.zeros_like(weights)
        coo = user_items.tocoo()
        known[coo.row, coo.col] = 1
        zeal = np.maximum(known.sum(axis=1), 1) ** -activity_exponent
        return cls(known.T @ known, weights.T @ (zeal[:, None] * weights), known.sum(axis=0), len(known))


Scores = Callable[[Pairs], Floats]


def cosine(user_items: sp.csr_matrix, min_co_occurrence: int, k: int) -> list[Row]:
    """Give each item's neighbours and scores."""
    return best_by(cosines, user_items, min_co_occurrence, k)


def best_by(
    scores_of: Scores, user_items: sp.csr_matrix, min_co_occurrence: int, k: int, activity_exponent: float = 0.0
) -> list[Row]:
    """Give each item's best by scores (n_items, n_items)."""
    pairs = Pairs.of(user_items, activity_exponent)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scores = scores_of(pairs).astype(np.float32)
    result = []
    for i in range(len(scores)):
        others = np.flatnonzero((pairs.together[i] >= min_co_occurrence) & (scores[i] > 0))
        row = [(int(j), scores[i, j]) for j in others if j != i]
        result.append(sorted(row, key=lambda pair: (-pair[1], pair[0]))[:k])
    return result


def cosines(pairs: Pairs) -> Floats:
    inverse_norms = 1 / np.sqrt(pairs.dots.diagonal())
    return pairs.dots * np.outer(inverse_norms, inverse_norms)


def jaccard(pairs: Pairs) -> Floats:
    return pairs.together / (pairs.users[:, None] + pairs.users[None, :] - pairs.together)


def lift(pairs: Pairs) -> Floats:
    return pairs.together * pairs.n_users / np.outer(pairs.users, pairs.users)


def conditional_probability(pairs: Pairs) -> Floats:
    return pairs.together / pairs.users[:, None]


def log_likelihood_ratio(pairs: Pairs) -> Floats:
    """G² = 2 sum observed ln(observed / expected), by the table of who has which; 0 below what chance expects."""
    both, n = pairs.together, pairs.n_users
    own, other = np.broadcast_arrays(pairs.users[:, None], pairs.users[None, :])
    total = np.zeros_like(both)
    for cell, row, column in (
        (both, own, other),
        (own - both, own, n - other),
        (other - both, n - own, other),
        (n - own - other + both, n - own, n - other),
    ):
        observed = cell > 0
        total[observed] += 2 * (cell * np.log(cell * n / (row * column)))[observed]
    return np.where(both * n > own * other, total, 0.0)


def normalised(own: float, other: float) -> Scores:
    return lambda pairs: pairs.dots * pairs.users[:, None] ** -own * pairs.users[None, :] ** -other


def local_ridge(user_items: sp.csr_matrix, min_co_occurrence: int, ridge: float, m: int) -> Floats:
    """Give the scores (n_items, n_items) of history item i for candidate j, before the best k of each i are taken."""
    pairs = Pairs.of(user_items, 0.3)
    near = best_by(lambda p: p.dots * p.users[None, :] ** -0.5, user_items, min_co_occurrence, m, 0.3)
    ranked = pairs.users >= min_co_occurrence
    middle = np.median(pairs.dots.diagonal()[ranked])
    scores = np.zeros_like(pairs.dots)
    for j, row in enumerate(near):
        members = np.array([i for i, _ in row], np.int64)
        system = pairs.dots[np.ix_(members, members)]
        system += np.diag(ridge * middle**0.7 * pairs.dots.diagonal()[members] ** 0.3)
        solution = np.linalg.solve(system, pairs.dots[members, j]) if len(members) else np.zeros(0)
        scores[members, j] = np.maximum(solution, 0) * pairs.users[members] ** -0.2
    return scores


def rows_of(neighbours: Neighbours) -> list[Row]:
    """Give what was found in the same form."""
    rows = [neighbours.row(i) for i in range(neighbours.n_items)]
    return [list(zip(items.tolist(), scores, strict=True)) for items, scores in rows]
