import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.serving_load import Asked, p99_at
from benchmarks.serving_shops import published_shop
from benchmarks.serving_sides import Server, bare, ours

CORE = min(os.sched_getaffinity(0))
SIMILAR = Asked("similar", "/api/products/%d/similar?k=10", 400)
PERSONAL = Asked("personal", "/api/users/%d/recommendations", 30)
STALL_SECONDS = 1.0


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("serving")
    store = published_shop(folder / "shop", n_products=400, n_users=30)
    with ExitStack() as stack:
        own = stack.enter_context(ours(folder, store, CORE, "none"))
        yield own, stack.enter_context(bare(folder, CORE, own.answer_to(SIMILAR.path(7))))


def test_the_bare_side_gives_every_path_the_bytes_that_ours_gave_one(sides: tuple[Server, Server]) -> None:
    own, peer = sides
    first, other = own.answer_to(SIMILAR.path(7)), peer.answer_to(SIMILAR.path(8))
    assert other.body == first.body
    assert other.headers.keys() == first.headers.keys()
    assert len(json.loads(other.body)["items"]) == 10


def test_the_shop_has_full_lists_and_histories(sides: tuple[Server, Server]) -> None:
    for asked, source in ((SIMILAR, "similar"), (PERSONAL, "personal")):
        for number in (1, asked.n):
            assert json.loads(sides[0].answer_to(asked.path(number)).body)["source"] == source


def test_the_model_and_the_worker_are_told_apart_in_memory(sides: tuple[Server, Server]) -> None:
    (own_model, own_rest), (peer_model, peer_rest) = (side.memory() for side in sides)
    # 400 products have 100 neighbours each, of 8 bytes.
    assert own_model >= 400 * 100 * 8
    assert peer_model == 0
    assert min(own_rest, peer_rest) > 10_000_000


def test_several_workers_count_together_and_their_model_once(tmp_path: Path, sides: tuple[Server, Server]) -> None:
    store = published_shop(tmp_path / "shop", n_products=10_000, n_users=30)
    with ours(tmp_path, store, CORE, "none", n_workers=2) as pod:
        model, rest = pod.memory()
    assert 10_000 * 100 * 8 <= model < 1.1 * 10_000 * 100 * 8
    assert rest > sides[0].memory()[1]


def test_what_is_due_while_a_server_stalls_counts_from_when_it_was_due(sides: tuple[Server, Server]) -> None:
    def stall() -> None:
        time.sleep(1)
        os.kill(sides[1].pid, signal.SIGSTOP)
        time.sleep(STALL_SECONDS)
        os.kill(sides[1].pid, signal.SIGCONT)

    stalling = threading.Thread(target=stall)
    stalling.start()
    # A third of all are due meanwhile, and a hundredth of all, the first of those, wait almost as long as it lasts.
    p99_seconds = p99_at(100, sides[1].port, SIMILAR, seconds=2.5)
    stalling.join()
    assert p99_seconds > 0.7 * STALL_SECONDS


def test_an_error_is_no_answer(sides: tuple[Server, Server]) -> None:
    with pytest.raises(RuntimeError, match="404"):
        p99_at(20, sides[0].port, Asked("unknown", "/api/products/x%d/similar", 5), seconds=1)
