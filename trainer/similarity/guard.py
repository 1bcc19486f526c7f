"""A guard against users with very many products, such as bots: what one costs rises with the square of their number.

A user with more products than are allowed takes part with so many of them, drawn evenly, and the same for the same
data. A sample keeps what such a user says about all pairs in proportion, where the best or the newest would not; and a
bot that has seen everything says nothing about any pair. Histories and popularity know nothing of it.
"""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.arrays.spans import indptr_of
from trainer.arrays.sparse import matrix_of_rows

if TYPE_CHECKING:
    import scipy.sparse as sp

log = logging.getLogger(__name__)

Ints = NDArray[np.int64]
_SEED: Final = 20250105


def guarded(user_items: "sp.csr_matrix", most: int, scratch: Scratch = IN_MEMORY) -> "sp.csr_matrix":
    """Give user_items with `most` items of each user at most; the same matrix where nobody has more."""
    lengths = np.diff(user_items.indptr)
    busy = np.flatnonzero(lengths > most)
    if not len(busy):
        return user_items
    items, weights = scratch.column(np.int32), scratch.column(np.float32)
    for kept in _kept(user_items.indptr, busy, most):
        items.append(user_items.indices[kept])
        weights.append(user_items.data[kept])
    indptr = indptr_of(np.minimum(lengths, most))
    return matrix_of_rows(indptr, items.finish(), weights.finish(), user_items.shape)


def tell_busy_users(user_items: "sp.csr_matrix", most: int) -> None:
    """Say how many users are guarded against: once a run, which guards many matrices of the same users."""
    n_busy = int(np.count_nonzero(np.diff(user_items.indptr) > most))
    if n_busy:
        log.warning(
            "%s users have more than %s products: similarities take a sample of theirs (MAX_USER_PRODUCTS)",
            f"{n_busy:,}",
            f"{most:,}",
            extra={"n_busy_users": n_busy, "max_user_products": most},
        )


def _kept(indptr: NDArray[np.integer], busy: Ints, most: int) -> Iterator[slice | Ints]:
    """Give the places of the interactions that are kept, in order: a sample of each busy user's, all in between."""
    done = 0
    for user in busy.tolist():
        first, last = int(indptr[user]), int(indptr[user + 1])
        yield slice(done, first)
        yield first + np.sort(np.random.default_rng((_SEED, user)).choice(last - first, most, replace=False))
        done = last
    yield slice(done, int(indptr[-1]))
