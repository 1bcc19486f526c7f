"""Item-item similarity by the kernel, a block of items at a time, on several threads."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from model.neighbours import Neighbours
from trainer.kernel import item_sums, neighbours_of_block, unpack_keys
from trainer.progress import progress

if TYPE_CHECKING:
    import scipy.sparse as sp

_BLOCKS_PER_THREAD: Final = 16
Block = tuple[NDArray[np.int32], NDArray[np.uint64]]
# What a row costs besides its additions: setting up, sorting, copying out.
_ROW_COST: Final = 1000


def cosine_neighbours(user_items: "sp.csr_matrix", *, min_co_occurrence: int, k: int, threads: int) -> Neighbours:
    """Give each item's k best neighbours by cosine of the columns of user_items, float32 (n_users, n_items).

    similarity_ij = sum_u w_ui w_uj / (|w_i| |w_j|), for the pairs with at least min_co_occurrence common users.
    Norms are over all users. The result is the same, bit for bit, for any number of threads.
    """
    n_items = user_items.shape[1]
    by_user = (user_items.indptr.astype(np.int64), user_items.indices, user_items.data)
    columns = user_items.tocsc()
    by_item = (columns.indptr.astype(np.int64), columns.indices, columns.data)
    squares, costs = item_sums(by_user, n_items)
    inverse_norms = np.divide(1.0, np.sqrt(squares), out=np.zeros(n_items), where=squares > 0)
    bounds = _block_bounds(costs + _ROW_COST, threads * _BLOCKS_PER_THREAD)

    with progress("Similarities", len(bounds) - 1) as advance, ThreadPoolExecutor(threads) as pool:

        def of_block(first: int, last: int) -> Block:
            block = neighbours_of_block((first, last), by_item, by_user, inverse_norms, min_co_occurrence, k)
            advance()
            return block

        return _joined(n_items, list(pool.map(of_block, bounds[:-1], bounds[1:])))


def _block_bounds(costs: NDArray[np.int64], n_blocks: int) -> list[int]:
    """Cut the items into blocks of about equal cost."""
    total = np.cumsum(costs)
    cuts = np.searchsorted(total, np.linspace(0, total[-1], n_blocks + 1)[1:-1])
    return sorted({0, *cuts.tolist(), len(costs)})


def _joined(n_items: int, blocks: list[Block]) -> Neighbours:
    lengths = np.concatenate([lengths for lengths, _ in blocks])
    indptr = np.zeros(n_items + 1, np.int64)
    np.cumsum(lengths, out=indptr[1:])
    indices, scores = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
    end = indptr[-1]
    while blocks:  # from the last, each freed as it is copied
        _, keys = blocks.pop()
        indices[end - len(keys) : end], scores[end - len(keys) : end] = unpack_keys(keys)
        end -= len(keys)
    return Neighbours(indptr, indices, scores)
