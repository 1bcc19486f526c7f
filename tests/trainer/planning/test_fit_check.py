"""A run that would not fit says so before it starts."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.history import Outcome, append_run, read_history
from tests.parts.fixtures import had
from tests.parts.memory_group import MemoryGroup, memory_group
from tests.trainer.planning.test_plan import SAMPLE_RUN
from tests.trainer.running import TRAIN, assert_one_clear_line, train

TOO_LOW = "80Mi"


@pytest.fixture(autouse=True)
def _sample_shop(store_path: Path, sample_shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("DATABASE_URL", sample_shop_url)


@pytest.fixture
def group_of_80_mebibytes() -> Iterator[MemoryGroup]:
    """Give a control group in which no run has room."""
    with ExitStack() as stack:
        yield had(memory_group(80 << 20), stack)


def memory_lines(log: str) -> list[str]:
    return [line for line in log.splitlines() if "MEMORY_LIMIT allows" in line]


def test_a_run_that_would_not_fit_ends_before_it_reads_an_event(store_path: Path) -> None:
    ended = train(MEMORY_LIMIT=TOO_LOW)
    parts = ("11,187 events need at least", "MEMORY_LIMIT allows 84 MB", "trainer.resources.limits.memory to", "Mi")
    assert_one_clear_line(ended, 64, "this run does not fit", *parts, "MEMORY_CHECK=warn")
    assert "Connecting to database" not in ended.log
    assert not (store_path / "models").exists()
    assert not (store_path / "current.json").exists()


def test_with_workers_it_says_whose_memory_it_means_and_that_workers_are_not_counted_on() -> None:
    told = "in the process that leads, counted as without workers, and MEMORY_LIMIT allows 84 MB"
    assert_one_clear_line(train("--dask", "local:1", MEMORY_LIMIT=TOO_LOW), 64, told)
    assert "process that leads" not in train(MEMORY_LIMIT=TOO_LOW).log


def test_a_refused_run_is_in_the_history_like_any_other_that_failed(store_path: Path) -> None:
    train(MEMORY_LIMIT=TOO_LOW)
    runs = read_history(FileStore(store_path))
    assert [run.outcome for run in runs] == [Outcome.FAILED]
    assert runs[0].reason is not None
    assert "this run does not fit" in runs[0].reason


def test_the_model_in_service_stays(store_path: Path) -> None:
    train()
    before = (store_path / "current.json").read_bytes()
    assert train(MEMORY_LIMIT=TOO_LOW).exit_code == 64
    assert (store_path / "current.json").read_bytes() == before


def test_the_limit_that_a_refusal_names_is_enough() -> None:
    line = train(MEMORY_LIMIT=TOO_LOW).last_line
    limit = line.split("limits.memory to ")[1].split()[0]
    ended = train(MEMORY_LIMIT=limit)
    assert ended.exit_code == 0, ended.log
    assert len(memory_lines(ended.log)) == 1
    assert "WARNING: This run" not in ended.log


def test_who_knows_better_is_warned_only() -> None:
    ended = train(MEMORY_LIMIT=TOO_LOW, MEMORY_CHECK="warn")
    assert ended.exit_code == 0
    assert [line for line in memory_lines(ended.log) if line.startswith("WARNING: This run does not fit")]


def test_the_check_can_be_off() -> None:
    ended = train(MEMORY_LIMIT=TOO_LOW, MEMORY_CHECK="off")
    assert ended.exit_code == 0
    assert not memory_lines(ended.log)


def test_the_latest_run_says_what_the_shop_is_like(store_path: Path) -> None:
    large = {"n_users": 4_000_000, "n_products": 30_000, "n_interactions": 90_000_000}
    append_run(FileStore(store_path), SAMPLE_RUN.model_copy(update=large))
    ended = train(MEMORY_LIMIT="1Gi")
    assert_one_clear_line(ended, 64, "11,187 events need about")


def test_wrong_sql_is_the_error_that_extraction_gives() -> None:
    settings = {"EVENTS": '{"view": {"sql": "SELECT user_id FROM nowhere"}}'}
    checked, unchecked = train(MEMORY_LIMIT="2Gi", **settings), train(**settings)
    assert checked.last_line == unchecked.last_line
    assert checked.exit_code == unchecked.exit_code == 64


def test_figures_are_in_the_log_for_machines() -> None:
    records = train(MEMORY_LIMIT="2Gi", LOG_FORMAT="json").records
    (record,) = [record for record in records if "needed_bytes" in record]
    assert record["limit_bytes"] == 2 << 30
    assert record["level"] == "INFO"
    assert json.dumps(record)


def test_a_limit_of_the_control_group_is_found_and_named(group_of_80_mebibytes: MemoryGroup) -> None:
    ended = group_of_80_mebibytes.run(TRAIN, {**os.environ, "LOG_FORMAT": "human"})
    assert ended.returncode == 64, ended.stderr
    assert f"{group_of_80_mebibytes.limit_file} allows 84 MB" in ended.stderr.splitlines()[-1]


def test_a_run_that_is_refused_would_have_been_killed(group_of_80_mebibytes: MemoryGroup) -> None:
    ended = group_of_80_mebibytes.run(TRAIN, {**os.environ, "MEMORY_CHECK": "off"})
    assert ended.returncode == -9
