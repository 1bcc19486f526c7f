"""`python -m benchmarks.quality_sides RECIPE FILE OUT`: one recipe finds neighbours once, in a process of its own."""

import json
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import scipy.sparse as sp

from benchmarks.kernel_shapes import read
from benchmarks.measuring import own_bytes
from model.neighbours import Neighbours
from trainer.similarity.named import recipe_named
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import Limits

_K, _MIN_CO_OCCURRENCE, _THREADS = 100, 5, 2


def _found(name: str, user_items: sp.csr_matrix) -> Neighbours:
    return neighbours_by(recipe_named(name), user_items, Limits(_MIN_CO_OCCURRENCE, _K), threads=_THREADS)


def main() -> None:
    """Write the neighbours, and print seconds, and bytes at the peak above those held before."""
    name, path, out = sys.argv[1:]
    _found(name, sp.csr_matrix(sp.random(300, 200, 0.1, dtype=np.float32, random_state=0)))
    user_items = read(Path(path))
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, started = own_bytes("VmRSS"), perf_counter()
    found = _found(name, user_items)
    seconds, extra_bytes = perf_counter() - started, own_bytes("VmHWM") - before
    np.savez(out, indptr=found.indptr, indices=found.indices, scores=found.scores)
    print(json.dumps({"seconds": seconds, "extra_bytes": extra_bytes}))


if __name__ == "__main__":
    main()
