"""Cutting rows into spans of about the same size, for threads to share and for memory to hold."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

# From one row up to another.
Span = tuple[int, int]


def indptr_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give where rows of these lengths begin, and at last where they end, int64 (n_rows + 1,)."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def even_spans(indptr: NDArray[np.int64], n: int) -> list[Span]:
    """Cut rows into n spans of about equally many entries, some of them empty where one row has more.

    `indptr` int64 (n_rows + 1,), rising, is where each row's entries begin.
    """
    cuts = np.searchsorted(indptr, np.linspace(indptr[0], indptr[-1], n + 1)[1:-1]).tolist()
    return list(pairwise([0, *cuts, len(indptr) - 1]))


def spans_of_at_most(indptr: NDArray[np.int64], most: int | None) -> list[Span]:
    """Cut rows into spans of so many entries at most, or of little more; one span of all where `most` is None."""
    n = 1 if most is None else max(1, -(-int(indptr[-1] - indptr[0]) // most))
    return [span for span in even_spans(indptr, n) if span[0] < span[1]] or [(0, len(indptr) - 1)]
