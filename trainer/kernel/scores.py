"""Scores: what is made of the users that two items have in common, and of a number of each item.

A form is a number, and not a function that is handed in: Numba keeps no compiled code of a function that takes another.
It is the same for all pairs, so that compilers decide about it outside of the loop.
"""

from typing import Final

from numba import njit

SCALED_DOT: Final = 0


@njit(cache=True, nogil=True, error_model="numpy")
def score(form: int, count: float, dot: float, own: float, other: float) -> float:  # noqa: ARG001 (of other forms)
    """Give a pair's score for the item that asks; `own` and `other` are its number and its neighbour's.

    SCALED_DOT is dot * own * other.
    """
    return dot * (own * other)
