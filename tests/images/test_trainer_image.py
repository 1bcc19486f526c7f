"""A training in the trainer's image, as a pod runs it."""

import json
from typing import Final

import pytest

from registry.files import FileStore
from registry.history import append_run
from tests.images.containers import Image
from tests.images.mariadb_server import MariaDbServer
from tests.images.shop import SHOP, Shop
from tests.trainer.planning.test_plan import SAMPLE_RUN
from tests.trainer.test_runs_on_disk import LARGE, LIMIT

pytestmark = pytest.mark.cluster

# Compiling takes 10 s; what is asked here takes less than a tenth of one, on a machine at rest.
_SECONDS_WITHOUT_COMPILING: Final = 3
_SHOPS_OWN_KERNEL: Final = """
import numpy as np
from trainer.kernel.layout import measure_items
counts, squares = np.zeros(1, np.int64), np.zeros(1)
user_items = np.array([0, 1]), np.array([0], np.int32), np.array([2.0])  # float64, not float32
measure_items(user_items, (0, 1), counts, squares)
print(counts.tolist())
"""


def test_help_is_printed(trainer_image: Image) -> None:
    asked = trainer_image.run("-m", "trainer", "--help")
    assert asked.returncode == 0
    assert asked.stdout.startswith("usage: python -m trainer")


def test_training_puts_a_model_in_service_that_the_monitor_finds_healthy(shop: Shop) -> None:
    judged = shop.image.run("-m", "monitor", "--action", "health", env=SHOP)
    assert judged.returncode == 0, judged.stderr
    assert "MODEL HEALTH: HEALTHY" in judged.stdout
    assert shop.version in judged.stdout


def test_no_training_compiles_what_the_build_has_compiled(shop: Shop) -> None:
    cache_lines = [line for line in shop.output.splitlines() if line.startswith("[cache]")]
    assert any("pairs.pair_up" in line for line in cache_lines)
    assert [line for line in cache_lines if " loaded from " not in line] == []
    assert [path for path in shop.image.place("/tmp").rglob("*.nb[ci]") if not path.is_symlink()] == []
    assert shop.seconds_by_step["build"] < _SECONDS_WITHOUT_COMPILING


def test_what_the_build_did_not_foresee_is_compiled_then_and_kept_for_the_next_start(trainer_image: Image) -> None:
    env = {"NUMBA_DEBUG_CACHE": "1", "HOME": "/tmp/of-a-shop"}
    first, second = (trainer_image.run("-c", _SHOPS_OWN_KERNEL, env=env) for _ in range(2))
    for ended in (first, second):
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.endswith("[1]\n")
    assert " saved to " in first.stdout
    assert " saved to " not in second.stdout


def test_training_from_mariadb_compiles_nothing_either(trainer_image: Image, mariadb_server: MariaDbServer) -> None:
    settings = {"STORE_URL": "file:///tmp/from-mariadb", **mariadb_server.trainer_settings}
    filled = trainer_image.run("-m", "trainer", "sample-shop", env=settings)
    assert filled.returncode == 0, filled.stderr
    trained = trainer_image.run("-m", "trainer", env={"NUMBA_DEBUG_CACHE": "1", **settings})
    assert trained.returncode == 0, trained.stderr
    assert "row by row" not in trained.stderr  # ConnectorX read it
    assert "pairs.pair_up" in trained.stdout
    assert " saved to " not in trained.stdout


def test_training_on_disk_works_and_compiles_nothing_either(shop: Shop) -> None:
    store = shop.image.place("/tmp") / "on-disk"
    append_run(FileStore(store), SAMPLE_RUN.model_copy(update=LARGE))
    for path in (store, *store.iterdir()):
        path.chmod(0o777)
    settings = {"STORE_URL": "file:///tmp/on-disk", "MEMORY_LIMIT": LIMIT, "FORCE": "the shop is small"}
    trained = shop.image.run("-m", "trainer", env={"NUMBA_DEBUG_CACHE": "1", **SHOP, **settings})
    assert trained.returncode == 0, trained.stderr
    assert "go to /tmp" in trained.stderr
    assert "row by row" not in trained.stderr
    assert " saved to " not in trained.stdout


def test_a_store_that_cannot_be_written_ends_the_run_with_one_line(trainer_image: Image) -> None:
    ended = trainer_image.run("-m", "trainer", env={**SHOP, "STORE_URL": "file:///app/store"})
    assert ended.returncode != 0
    (last,) = [entry for line in ended.stderr.splitlines() if "exit_code" in (entry := json.loads(line))]
    assert "exception" not in last
