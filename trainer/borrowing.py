"""Rows for products that too few users had for neighbours of their own.

A product with fewer neighbours than a short list has borrows: first from what its first users did otherwise, by the
rows of the model, and then from its category, the most popular first. What is borrowed has the scores of a typical row
times d / (d + MIN_CO_OCCURRENCE), d being the product's users: the fewer there are, the less it says.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from model.histories import Histories
from model.model import Model
from model.neighbours import Neighbours
from model.translation import UNKNOWN
from trainer.arrays.spans import indptr_of
from trainer.evaluation.lists import Asking, Lists, reached_lists

if TYPE_CHECKING:
    from trainer.settings import TrainerSettings

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
# Fewer neighbours than this leave a product to borrow, and so many it borrows at most.
_ENOUGH: Final = 10
_MOST_BORROWED: Final = 20
# Of a user who had more, so many products count: those with the highest weights, of equals the more popular.
_MOST_OF_A_USER: Final = 50
_AT_A_TIME: Final = 4096


def borrowed_rows(model: Model, settings: "TrainerSettings") -> Neighbours:
    """Give rows for the products that have few neighbours, and empty ones for all others.

    The same on any number of threads.
    """
    lengths = np.diff(model.neighbours.indptr)
    thin = np.flatnonzero(lengths < _ENOUGH).astype(np.int32)
    listed = _lists_of_first_users(model, thin, settings.threads)
    listed = _with_category(listed, thin, model)
    n_users = np.bincount(model.histories.indices, minlength=len(model.products))[thin]
    scores = _typical_row(model.neighbours) * (n_users / (n_users + settings.min_co_occurrence))[:, None]
    is_there = listed != UNKNOWN
    counts = np.zeros(len(model.products), np.int64)
    counts[thin] = is_there.sum(axis=1)
    return Neighbours(indptr_of(counts), listed[is_there], scores[is_there].astype(np.float32))


def _typical_row(neighbours: Neighbours) -> Floats:
    """Give the mean score at each place of the rows that are long enough, float32 (_MOST_BORROWED,), falling."""
    lengths = np.diff(neighbours.indptr)
    starts = neighbours.indptr[:-1][lengths >= min(_MOST_BORROWED, int(lengths.max(initial=0)))]
    places = starts[:, None] + np.arange(min(_MOST_BORROWED, int(lengths.max(initial=0))))
    typical = np.zeros(_MOST_BORROWED)
    if places.size:
        typical[: places.shape[1]] = neighbours.scores[places].mean(axis=0, dtype=np.float64)
        typical[places.shape[1] :] = typical[places.shape[1] - 1]
    return np.maximum(typical, 0).astype(np.float32)
