"""Compiling ahead: a fresh checkout compiles once, which is shown; an image and every later run find it done.

Each compiled function is called on a shop of next to nothing, in the order in which a run needs them. Where they lie in
Numba's cache this takes no longer than to load them, which the run does anyway.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from model.ids import IntegerIds
from trainer.arrays.scratch import IN_MEMORY
from trainer.building import assembled
from trainer.evaluation.known import had_until
from trainer.event_figures import EventFigures
from trainer.events import Events
from trainer.progress import progress

if TYPE_CHECKING:
    import scipy.sparse as sp

_N: Final = 3
_WORTH_A_LINE_SECONDS: Final = 3.0

log = logging.getLogger(__name__)


def compile_ahead() -> None:
    """Have all compiled functions ready: those of counting, of the matrix, of similarities, of lists."""
    started = time.monotonic()
    with progress("Compiling, once on this machine", 4) as advance:
        from trainer.borrowing import with_borrowed  # noqa: PLC0415 (Numba takes 0.3 s to import)
        from trainer.buy_again import with_again  # noqa: PLC0415
        from trainer.kernel.again import share_of_best  # noqa: PLC0415
        from trainer.listing import Asking, personal_lists  # noqa: PLC0415
        from trainer.matrix import build_user_items  # noqa: PLC0415
        from trainer.similarity.neighbours import neighbours_by  # noqa: PLC0415
        from trainer.similarity.recipes import Limits, LocalRidge  # noqa: PLC0415

        events = _events()
        EventFigures.of(events)
        had_until(events, 0, np.arange(_N))
        advance(1)
        user_items = build_user_items(events)
        advance(1)
        neighbours = neighbours_by(LocalRidge(), user_items, Limits(1, 1), threads=1)
        _as_for_workers(user_items)
        model = assembled(events.products, events.users, user_items, neighbours)
        share_of_best(model.histories.indptr, model.histories.weights.copy())
        model = with_again(model, model.histories.weights, 1.0)
        advance(1)
        personal_lists(model, model.histories, Asking(1, 1))
        with_borrowed(model, min_co_occurrence=1, threads=1)
        advance(1)
    seconds = time.monotonic() - started
    if seconds > _WORTH_A_LINE_SECONDS:
        log.info("Compiled in %.0f s, once on this machine", seconds, extra={"compile_seconds": round(seconds, 1)})


def _as_for_workers(user_items: "sp.csr_matrix") -> None:
    """Cut the items into blocks, and merge what was found: what is done for workers, and by them."""
    from trainer.kernel.best import Best, raise_floors, take_keys  # noqa: PLC0415 (Numba takes 0.3 s to import)
    from trainer.similarity.layout import Block, Ranking, Workers, csr_of  # noqa: PLC0415

    csr = csr_of(user_items)
    with ThreadPoolExecutor(1) as pool:
        workers = Workers.for_users_of(csr[0], pool, 1)
        ranking = Ranking.of(csr, _N, 1, workers)
        whole = Block.of(csr, ranking, (0, _N), workers, IN_MEMORY)
        list(whole.cut([(0, 1), (1, _N)], workers, IN_MEMORY))
    best = Best.none_yet(1, 1)
    take_keys(best, np.zeros(2, np.int64), np.empty(0, np.uint64), 0, 1)
    raise_floors(best)


def _events() -> Events:
    """Give every user one event with every product."""
    ids, idx = IntegerIds(np.arange(_N)), np.arange(_N, dtype=np.int32)
    users, items = np.repeat(idx, _N), np.tile(idx, _N)
    n = len(users)
    return Events(
        *(ids, ids, ("purchase",), users, items),
        *(np.ones(n, np.float32), np.zeros(n, np.uint32), np.zeros(n, np.uint8)),
    )
