"""The similarity kernel: for a block of items, each one's K best neighbours, exactly and whatever the threads.

For item i the kernel walks the users of i, and each user's items j, adding up the number of common users and the dot
product of the two columns of user_items in a row of accumulators over all items. Then it looks through the items that
were touched, drops the pairs below the co-occurrence threshold, and keeps the K best by cosine. Rows do not depend on
one another, so that a block of them is work for one thread, and the result is the same for any number of threads.

The cost is the sum over users of the square of their number of items; the memory is one row of accumulators a thread
and the block's own result.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

# (indptr, indices, weights) of user_items' rows, or of its columns
Csr = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]
# common users and dot product with each item, and the items that were touched
AccumulatorRow = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32]]


@njit(cache=True, nogil=True, error_model="numpy")
def item_sums(by_user: Csr, n_items: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give each item's summed squared weight, float64, and the additions its row will take, int64, both (n_items,)."""
    indptr, items, weights = by_user
    squares, additions = np.zeros(n_items, np.float64), np.zeros(n_items, np.int64)
    for user in range(len(indptr) - 1):
        for p in range(indptr[user], indptr[user + 1]):
            squares[items[p]] += np.float64(weights[p]) ** 2
            additions[items[p]] += indptr[user + 1] - indptr[user]
    return squares, additions


@njit(cache=True, nogil=True, error_model="numpy")
def _sift_down(heap: NDArray[np.uint64], root: int, n: int) -> None:
    """Let the key at root sink until heap[:n] has its smallest key on top again."""
    key = heap[root]
    child = 2 * root + 1
    while child < n:
        if child + 1 < n and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[root], root, child = heap[child], child, 2 * child + 1
    heap[root] = key


@njit(cache=True, nogil=True, error_model="numpy")
def _select_best(keys: NDArray[np.uint64], n: int, k: int) -> int:
    """Put the k largest of keys[:n] in front, largest first, and give how many there are.

    A heap of the best so far, its smallest on top: most keys are turned away by one comparison.
    """
    size = min(n, k)
    for root in range(size // 2 - 1, -1, -1):
        _sift_down(keys, root, size)
    for p in range(size, n):
        if keys[p] > keys[0]:
            keys[0] = keys[p]
            _sift_down(keys, 0, size)
    for last in range(size - 1, 0, -1):
        keys[0], keys[last] = keys[last], keys[0]
        _sift_down(keys, 0, last)
    return size


@njit(cache=True, nogil=True, error_model="numpy")
def _accumulate(item: int, by_item: Csr, by_user: Csr, row: AccumulatorRow) -> int:
    """Add up common users and dot products of an item with all others; give how many were touched."""
    item_indptr, item_users, item_weights = by_item
    user_indptr, user_items, user_weights = by_user
    counts, dots, touched = row
    n_touched = 0
    for p in range(item_indptr[item], item_indptr[item + 1]):
        user, weight = item_users[p], np.float64(item_weights[p])
        for q in range(user_indptr[user], user_indptr[user + 1]):
            other = user_items[q]
            if counts[other] == 0:
                touched[n_touched] = other
                n_touched += 1
            counts[other] += 1
            dots[other] += weight * user_weights[q]
    return n_touched


@njit(cache=True, nogil=True, error_model="numpy")
def neighbours_of_block(
    block: tuple[int, int],
    by_item: Csr,
    by_user: Csr,
    inverse_norms: NDArray[np.float64],
    min_co_occurrence: int,
    k: int,
) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
    """Give the neighbours of the items from block[0] up to block[1]: each row's length, and the rows' keys in a row.

    `by_item` and `by_user` are (indptr, indices, weights) of user_items' columns and rows; `inverse_norms` float64
    (n_items,). A pair needs min_co_occurrence common users and a score above 0. Best first, ties by rising item: the
    keys sort by the score's bits (scores are positive, so that these rise with them), then by the item's complement.
    """
    first, last = block
    n_items = len(inverse_norms)
    counts, dots = np.zeros(n_items, np.int32), np.zeros(n_items, np.float64)
    touched, keys = np.empty(n_items, np.int32), np.empty(n_items, np.uint64)
    score = np.empty(1, np.float32)
    score_bits = score.view(np.uint32)
    lengths = np.zeros(last - first, np.int32)
    best = np.empty((last - first) * min(k, n_items), np.uint64)
    end = 0
    for item in range(first, last):
        n_keys = 0
        for t in range(_accumulate(item, by_item, by_user, (counts, dots, touched))):
            other = touched[t]
            if counts[other] >= min_co_occurrence and other != item:
                score[0] = dots[other] * (inverse_norms[item] * inverse_norms[other])
                if score[0] > 0:
                    keys[n_keys] = (np.uint64(score_bits[0]) << np.uint64(32)) | np.uint64(0xFFFFFFFF - other)
                    n_keys += 1
            counts[other], dots[other] = 0, 0.0
        length = _select_best(keys, n_keys, k)
        best[end : end + length] = keys[:length]
        end += length
        lengths[item - first] = length
    return lengths, best[:end].copy()


def unpack_keys(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Take the items and the scores out of the kernel's keys."""
    halves = keys.view(np.uint32).reshape(-1, 2)  # little-endian: the item's complement, then the score's bits
    return (np.uint32(0xFFFFFFFF) - halves[:, 0]).astype(np.int32), halves[:, 1].view(np.float32)
