"""The neighbours that a recipe finds: laid out, paired, sorted."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from model.neighbours import Neighbours
from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.kernel.best import Best
from trainer.kernel.keys import unpack_keys
from trainer.kernel.pairs import Rule
from trainer.similarity.layout import BYTES_AN_INTERACTION, Block, Ints, Ranking, Workers, csr_of
from trainer.similarity.pairing import best_of_pairs
from trainer.similarity.recipes import Recipe

if TYPE_CHECKING:
    import scipy.sparse as sp

_SORTED_ROWS: Final = 4096


def neighbours_by(
    recipe: Recipe,
    user_items: "sp.csr_matrix",
    *,
    min_co_occurrence: int,
    k: int,
    threads: int,
    scratch: Scratch = IN_MEMORY,
) -> Neighbours:
    """Give each item's k best neighbours by a recipe, out of user_items, float32 (n_users, n_items).

    Pairs need min_co_occurrence users in common and a score above 0; ties by rising item. The result is the same, bit
    for bit, for any number of threads and wherever the lists are. A user may have 16 million items.
    """
    csr, n_items = csr_of(user_items), user_items.shape[1]
    with ThreadPoolExecutor(threads) as pool:
        workers = Workers.for_users_of(csr[0], pool, threads)
        ranking = Ranking.of(csr, n_items, min_co_occurrence, workers)
        spans = ranking.cut(scratch.work_bytes and scratch.work_bytes // BYTES_AN_INTERACTION)
        blocks = [Block.of(csr, ranking, span, workers, scratch) for span in spans]
        best = best_of_pairs(blocks, _rule(recipe, ranking, min_co_occurrence), k, workers)
        del blocks  # as large as user_items, and done with
        return _sorted(best, ranking.items, n_items, workers)


def _rule(recipe: Recipe, ranking: Ranking, min_co_occurrence: int) -> Rule:
    own, other = (give(ranking.n_users, ranking.squares) for give in (recipe.own, recipe.other))
    return Rule(float(max(1, min_co_occurrence)), recipe.form, own, other, ranking.items)


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
