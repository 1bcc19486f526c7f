"""Scores: what is made of the users that two items have in common, and of a number of each item.

A form is a number, and not a function that is handed in: Numba keeps no compiled code of a function that takes another.
It is the same for all pairs, so that compilers decide about it outside of the loop.
"""

from math import inf, log
from typing import Final

from numba import njit

SCALED_DOT: Final = 0
SCALED_COUNT: Final = 1
JACCARD: Final = 2
LOG_LIKELIHOOD: Final = 3
# As the number of a neighbour, what makes each form 0.
OUT_OF_REACH: Final = {SCALED_DOT: 0.0, SCALED_COUNT: 0.0, JACCARD: inf, LOG_LIKELIHOOD: inf}


@njit(cache=True, nogil=True, error_model="numpy")
def score(form: int, count: float, dot: float, own: float, other: float, total: float) -> float:
    """Give a pair's score for the item that asks; `own` and `other` are its number and its neighbour's.

    SCALED_DOT is dot * own * other and SCALED_COUNT count * own * other. For JACCARD, which is
    count / (own + other - count), and for LOG_LIKELIHOOD the numbers are the items' users, of `total` in all.
    """
    if form == SCALED_DOT:
        return dot * (own * other)
    if form == SCALED_COUNT:
        return count * (own * other)
    if form == JACCARD:
        return count / (own + other - count)
    return _log_likelihood_ratio(count, own, other, total)


@njit(cache=True, nogil=True, error_model="numpy")
def _log_likelihood_ratio(both: float, own: float, other: float, total: float) -> float:
    """Give 2 (sum k ln k - sum rows ln rows - sum columns ln columns + total ln total) of the table of users.

    0 where fewer users have both than chance would bring together: they avoid each other.
    """
    if both * total <= own * other:
        return 0.0
    cells = _x_log_x(both) + _x_log_x(own - both) + _x_log_x(other - both) + _x_log_x(total - own - other + both)
    rows = _x_log_x(own) + _x_log_x(total - own)
    columns = _x_log_x(other) + _x_log_x(total - other)
    return max(0.0, 2 * (cells - rows - columns + _x_log_x(total)))


@njit(cache=True, nogil=True, error_model="numpy")
def _x_log_x(x: float) -> float:
    return x * log(x) if x > 0 else 0.0
