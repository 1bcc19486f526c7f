"""The cost model of runs with workers: what it expects is what shops hold, and what workers do."""

from collections.abc import Iterator

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.generated_shops import GeneratedShop
from benchmarks.growing_shops import shop_of
from benchmarks.scaling_found import expected_keys
from benchmarks.scaling_kernel import kernel_equations, matrix_of
from benchmarks.scaling_passes import Cluster, Pass, system_tasks
from benchmarks.scaling_run import Run
from benchmarks.scaling_shop import Crowd
from benchmarks.watched_tasks import Watch, WatchedTeam
from registry.files import FileStore
from registry.staging import Staging
from trainer.distributed.at_hand import AtHand, Figures, Told, figures_of, plugin_of
from trainer.distributed.local import local_workers
from trainer.distributed.passes import LayOutForWorkers
from trainer.distributed.shelf import Shelf
from trainer.kernel.best import Best
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.passes import SYSTEMS_BYTES
from trainer.similarity.recipes import COSINE, Limits
from trainer.similarity.ridge import spans_of_systems

SHOP = GeneratedShop(20_000, 3_000, 0, 600_000)
CLUSTER = Cluster(workers=2, worker_bytes=1 << 30)


@pytest.fixture(scope="module")
def user_items() -> sp.csr_matrix:
    return matrix_of(SHOP)


def test_crowd_is_what_a_generated_shop_holds(user_items: sp.csr_matrix) -> None:
    crowd, lengths = Crowd.of(SHOP), np.diff(user_items.indptr).astype(np.int64)
    by_rank = np.sort(np.bincount(user_items.indices, minlength=SHOP.products))[::-1]
    assert crowd.interactions == pytest.approx(user_items.nnz, rel=0.005)
    assert crowd.pairs == pytest.approx((lengths * (lengths - 1) // 2).sum(), rel=0.05)
    assert crowd.n_users[[0, 10, 100, 1000]] == pytest.approx(by_rank[[0, 10, 100, 1000]], rel=0.1)
    assert crowd.users_of(crowd.interactions) == pytest.approx(np.count_nonzero(lengths), rel=0.01)


def test_part_of_the_events_makes_fewer_pairs_than_its_share() -> None:
    whole, part = Crowd.of(SHOP), Crowd.of(SHOP, 0.3)
    assert 0.09 * whole.pairs < part.pairs < 0.13 * whole.pairs
    assert 0.3 * whole.interactions < part.interactions < 0.33 * whole.interactions


def test_pass_of_few_pairs_is_handed_to_nobody() -> None:
    run = Run.of(shop_of(1), CLUSTER)
    assert (run.blocks, run.tasks, run.staged_here, run.fetched_by_workers) == ([], 2, 0, 0)
    assert run.amounts["build"]["add_here"] == pytest.approx(run.all.pairs / 2)


def test_every_block_meets_itself_and_every_other_and_is_merged() -> None:
    one = Pass.of(Crowd.of(shop_of(10)), CLUSTER, 100)
    assert (one.blocks, one.tasks) == (4, 4 + 6 + 4)
    assert one.interactions_by_block.sum() == pytest.approx(one.crowd.interactions)


def test_workers_of_less_memory_get_more_blocks_and_more_workers_get_them_too() -> None:
    crowd = Crowd.of(shop_of(100))
    blocks = [Pass.of(crowd, Cluster(n, size << 20), 100).blocks for n, size in ((2, 8192), (2, 512), (50, 8192))]
    assert blocks[0] < blocks[1]
    assert blocks[0] < blocks[2]


def test_without_floors_in_reach_each_block_finds_all_that_is_there(user_items: sp.csr_matrix) -> None:
    crowd = Crowd.of(SHOP)
    known = user_items.copy()
    known.data[:] = 1
    common = (known.T @ known).tocsr()
    common.setdiag(0)
    whole = expected_keys(crowd, [(0, SHOP.products)], SHOP.products, 5)
    assert whole == pytest.approx(np.count_nonzero(common.data >= 5), rel=0.1)


def test_local_ridge_solves_as_many_systems_at_a_time_as_memory_holds() -> None:
    near = Best.none_yet(31_623, 200)
    near.counts[:] = 200
    assert system_tasks(31_623, 200) == len(spans_of_systems(near, SYSTEMS_BYTES)) == 19


def test_kernel_alone_tells_laying_out_from_listing_and_from_adding_up() -> None:
    found = {name: one for one in kernel_equations() for name in one.amounts}
    assert found.keys() == {"scan", "list", "add"}
    assert all(one.seconds > 0 for one in found.values())
    assert found["list"].amounts["list"] > 5 * found["scan"].amounts["scan"]


@pytest.fixture(scope="module")
def passed(
    user_items: sp.csr_matrix, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Shelf, dict[str, Figures]]]:
    """Have workers make a pass over eight blocks; give this process's shelf, and the workers' figures."""
    folder = tmp_path_factory.mktemp("pass")
    shelf = Shelf(Staging.new(FileStore(folder / "store")), folder)
    Watch.tasks.counts.clear()
    with local_workers(2, folder) as client:
        client.register_plugin(AtHand(Told((folder / "store").as_uri(), None, shelf.run, 1, None)))
        team = WatchedTeam(client, shelf, 8 << 20)
        lay_out = LayOutForWorkers(team, least_pairs=0)
        neighbours_by(COSINE, user_items, Limits(5, 100), threads=1, lay_out=lay_out)
        yield shelf, client.run(figures_of, shelf.run)
        client.unregister_worker_plugin(plugin_of(shelf.run))
    shelf.close()


def test_workers_move_as_many_bytes_and_do_as_many_tasks_as_a_pass_expects(
    passed: tuple[Shelf, dict[str, Figures]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.scaling_passes.LEAST_PAIRS", 0)
    shelf, figures = passed
    expected = Pass.of(Crowd.of(SHOP), Cluster(2, 8 << 20), 100)
    assert expected.blocks > 1
    assert Watch.tasks.counts == {"meet": expected.meetings, "merge": expected.blocks}
    assert shelf.bytes_put == pytest.approx(expected.block_bytes, rel=0.05)
    assert sum(one.staged_bytes for one in figures.values()) == pytest.approx(expected.found_bytes, rel=0.15)
    assert sum(one.fetched_bytes for one in figures.values()) == pytest.approx(expected.fetched_bytes, rel=0.2)
