"""Items are cut into blocks that a worker can hold two of, and into enough of them; a staged block is the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.files import FileStore
from registry.staging import Staging
from tests.trainer.similarity.matrices import a_shop
from trainer.arrays.scratch import IN_MEMORY
from trainer.distributed.blocks import Blocks, cut, stage_block, staged_block
from trainer.distributed.shelf import Shelf
from trainer.similarity.layout import BYTES_AN_INTERACTION, Block, Ranking, Workers, csr_of

LEAST_BYTES = 64 << 20
GIGABYTE = 1 << 30


def ranking_of(n_users: "list[int] | np.ndarray[tuple[int], np.dtype[np.int64]]") -> Ranking:
    """Rank items of so many users each, about which nothing else is known."""
    users = np.sort(np.asarray(n_users, np.int64))[::-1]
    items = np.arange(len(users))
    return Ranking(items, users, np.ones(len(users)), items.astype(np.int32), 10_000_000)


def bytes_of_largest(ranking: Ranking, spans: list[tuple[int, int]]) -> int:
    return max(int(ranking.n_users[slice(*span)].sum()) for span in spans) * BYTES_AN_INTERACTION


@given(
    n_users=st.lists(st.integers(1, 2_000_000), max_size=60),
    gigabytes=st.integers(0, 16),
    n_workers=st.integers(1, 100),
)
def test_blocks_hold_every_item_once_in_the_order_of_ranks(n_users: list[int], gigabytes: int, n_workers: int) -> None:
    spans = cut(ranking_of(n_users), gigabytes * GIGABYTE, n_workers)
    assert [rank for span in spans for rank in range(*span)] == list(range(len(n_users)))
    assert len(spans) == 1 or all(first < last for first, last in spans)


def test_all_workers_have_work_to_the_end() -> None:
    """Each pair of blocks is a task: four for each worker at least."""
    ranking = ranking_of(np.full(100_000, 50))
    for n_workers in (1, 2, 8, 50):
        n_blocks = len(cut(ranking, 64 * GIGABYTE, n_workers))
        assert n_blocks * (n_blocks + 1) / 2 >= 4 * n_workers


def test_blocks_are_no_larger_than_a_worker_can_hold() -> None:
    ranking = ranking_of(np.full(200_000, 5_000))
    sizes = [bytes_of_largest(ranking, cut(ranking, gigabytes * GIGABYTE, 1)) for gigabytes in (1, 2, 4)]
    assert sizes == sorted(sizes)
    for gigabytes, size in zip((1, 2, 4), sizes, strict=True):
        assert size < 0.7 * gigabytes * GIGABYTE


@pytest.mark.parametrize("worker_bytes", [0, 1, 200 << 20])
def test_workers_of_hardly_any_memory_get_blocks_all_the_same(worker_bytes: int) -> None:
    ranking = ranking_of(np.full(20_000, 2_000))
    spans = cut(ranking, worker_bytes, 1)
    assert 3 < len(spans) < 100
    assert bytes_of_largest(ranking, spans) < 2 * LEAST_BYTES


def test_item_that_is_larger_than_a_block_is_a_block_by_itself() -> None:
    spans = cut(ranking_of([100_000_000, *[10] * 1_000]), GIGABYTE, 2)
    assert spans[0] == (0, 1)
    assert spans[-1][1] == 1_001


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    one = Shelf(Staging.new(FileStore(tmp_path / "store")), tmp_path)
    yield one
    one.close()


def test_staged_block_is_the_block(shelf: Shelf) -> None:
    csr = csr_of(a_shop(500, 80, 4_000))
    with ThreadPoolExecutor(2) as pool:
        workers = Workers.for_users_of(csr[0], pool, 2)
        ranking = Ranking.of(csr, 80, 2, workers)
        blocks = Blocks("blocks", cut(ranking, GIGABYTE, 2))
        made = [Block.of(csr, ranking, span, workers, IN_MEMORY) for span in blocks.spans]
    for number, block in enumerate(made):
        stage_block(shelf, blocks, number, block, ranking)
    assert len(made) > 2
    for number, block in enumerate(made):
        staged = staged_block(shelf, blocks, number, first_rank=block.ranks[0])
        assert staged.ranks == block.ranks
        for name in ("n_users", "users", "starts", "entries"):
            here, there = getattr(block, name), getattr(staged, name)
            assert np.array_equal(here, there)
            assert (here.dtype, here.shape) == (there.dtype, there.shape)
