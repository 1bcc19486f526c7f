"""`python -m benchmarks.kernel_sides SIDE FILE`: one side finds the 100 best neighbours once, in a process of its own.

Each works on a small matrix first, so that nothing is compiled or started while it is measured. What the peers need
besides (norms, a transposed copy) is made before; our own preparation is measured.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
import scipy.sparse as sp

from benchmarks.kernel_shapes import read
from benchmarks.measuring import own_bytes
from model.neighbours import Neighbours
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import COSINE, Limits

K: Final = 100
MIN_CO_OCCURRENCE: Final = 5
_THREADS: Final = 2
_ROWS: Final = 500
Fit = Callable[[], object]


def _ours(user_items: sp.csr_matrix) -> Fit:
    return lambda: neighbours_by(COSINE, user_items, Limits(MIN_CO_OCCURRENCE, K), threads=_THREADS)


def _implicit(user_items: sp.csr_matrix) -> Fit:
    from implicit.nearest_neighbours import CosineRecommender  # noqa: PLC0415 (of this side alone)

    return lambda: CosineRecommender(K=K, num_threads=_THREADS).fit(user_items, show_progress=False)


def _sparse_dot_topn(user_items: sp.csr_matrix) -> Fit:
    from sparse_dot_topn import sp_matmul_topn  # noqa: PLC0415 (of this side alone)

    normed = _normed(user_items)
    by_item = normed.T.tocsr()
    return lambda: sp_matmul_topn(by_item, normed, top_n=K, n_threads=_THREADS)


def _scipy(user_items: sp.csr_matrix) -> Fit:
    normed = _normed(user_items)
    by_item = normed.T.tocsr()

    def fit() -> None:
        """Multiply some rows at a time: all of the product at once fits into no memory."""
        for first in range(0, by_item.shape[0], _ROWS):
            some: Any = by_item[first : first + _ROWS] @ normed
            Neighbours.from_matrix(some, K)

    return fit


def _normed(user_items: sp.csr_matrix) -> sp.csr_matrix:
    norms = np.sqrt(np.asarray(user_items.multiply(user_items).sum(axis=0)).ravel())
    normed = user_items.copy()
    normed.data /= norms[normed.indices].astype(np.float32)
    return normed


SIDES: Final[Mapping[str, Callable[[sp.csr_matrix], Fit]]] = {
    "ours": _ours,
    "implicit": _implicit,
    "sparse_dot_topn": _sparse_dot_topn,
    "scipy": _scipy,
}


def main() -> None:
    """Print seconds, and bytes at the peak above those held before."""
    side, path = SIDES[sys.argv[1]], sys.argv[2]
    side(sp.csr_matrix(sp.random(300, 200, 0.1, dtype=np.float32, random_state=0)))()
    fit = side(read(Path(path)))
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, started = own_bytes("VmRSS"), perf_counter()
    fit()
    seconds = perf_counter() - started
    print(json.dumps({"seconds": seconds, "extra_bytes": own_bytes("VmHWM") - before}))


if __name__ == "__main__":
    main()
