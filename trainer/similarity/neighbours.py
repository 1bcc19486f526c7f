"""The neighbours that a recipe finds: laid out, paired, sorted."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from model.neighbours import Neighbours
from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.kernel.best import Best
from trainer.kernel.keys import unpack_keys
from trainer.similarity.activity import by_activity
from trainer.similarity.layout import Ints, Workers, csr_of
from trainer.similarity.passes import LayOut, lay_out_here
from trainer.similarity.recipes import Limits, Recipe

if TYPE_CHECKING:
    import scipy.sparse as sp

_SORTED_ROWS: Final = 4096


def neighbours_by(
    recipe: Recipe,
    user_items: "sp.csr_matrix",
    limits: Limits,
    *,
    threads: int,
    scratch: Scratch = IN_MEMORY,
    lay_out: LayOut = lay_out_here,
) -> Neighbours:
    """Give each item's k best neighbours by a recipe, out of user_items, float32 (n_users, n_items).

    Pairs need min_co_occurrence users in common and a score above 0; ties by rising item. The result is the same, bit
    for bit, for any number of threads, and wherever the lists are and the passes are made. A user may have 16 million
    items.
    """
    n_items = user_items.shape[1]
    weighed = by_activity(user_items, recipe.activity_exponent, scratch)
    with ThreadPoolExecutor(threads) as pool:
        workers = Workers.for_users_of(csr_of(weighed)[0], pool, threads)
        laid_out = lay_out(weighed, limits.min_co_occurrence, workers, scratch)
        del weighed
        with laid_out as passes:
            ranked, best = passes.ranking.items, recipe.best(passes, limits)
        del laid_out, passes  # as large as user_items, and done with
        return _sorted(best, ranked, n_items, workers)


def _sorted(best: Best, items: Ints, n_items: int, workers: Workers) -> Neighbours:
    """Put the rows in the order of items, and each by falling key."""
    lengths = np.zeros(n_items, np.int64)
    lengths[items] = best.counts
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    indices, scores = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
    rows = np.argsort(items)  # of those that have any, by item

    def write(first: int) -> None:
        some = rows[first : first + _SORTED_ROWS]
        keys = np.sort(best.keys[some, : best.k], axis=1)[:, ::-1]
        begin, end = indptr[items[some[0]]], indptr[items[some[-1]] + 1]
        indices[begin:end], scores[begin:end] = unpack_keys(keys[keys > 0])

    list(workers.pool.map(write, range(0, len(rows), _SORTED_ROWS)))
    return Neighbours(indptr, indices, scores)
