"""A guard against users with very many products, such as bots: what one costs rises with the square of their number.

A user with more products than are allowed takes part with so many of them, drawn evenly, and the same for the same
data. A sample keeps what such a user says about all pairs in proportion, where the best or the newest would not; and a
bot that has seen everything says nothing about any pair. Histories and popularity know nothing of it.
"""

import logging
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)

_SEED: Final = 20250105


def guarded(user_items: sp.csr_matrix, most: int) -> sp.csr_matrix:
    """Give user_items with `most` items of each user at most; the same matrix where nobody has more."""
    lengths = np.diff(user_items.indptr)
    busy = np.flatnonzero(lengths > most)
    if not len(busy):
        return user_items
    log.warning(
        "%s users have more than %s products: similarities take a sample of theirs (MAX_USER_PRODUCTS)",
        f"{len(busy):,}",
        f"{most:,}",
        extra={"n_busy_users": len(busy), "max_user_products": most},
    )
    is_kept = _sampled(user_items.indptr, busy, most)
    indptr = np.concatenate([[0], np.cumsum(np.minimum(lengths, most), dtype=np.int64)])
    return sp.csr_matrix((user_items.data[is_kept], user_items.indices[is_kept], indptr), shape=user_items.shape)


def _sampled(indptr: NDArray[np.integer], busy: "Iterable[int]", most: int) -> NDArray[np.bool_]:
    """Tell which interactions are kept, bool (n_interactions,)."""
    is_kept = np.ones(indptr[-1], np.bool_)
    for user in busy:
        first, last = indptr[user], indptr[user + 1]
        is_kept[first:last] = False
        is_kept[first + np.random.default_rng((_SEED, user)).choice(last - first, most, replace=False)] = True
    return is_kept
