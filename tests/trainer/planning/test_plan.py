"""`python -m trainer plan` as a person and as a machine reads it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from registry.files import FileStore
from registry.history import Outcome, Run, append_run
from tests.parts.processes import free_port
from tests.trainer.running import assert_one_clear_line, train
from trainer.planning.quantity import parse_quantity

SAMPLE_RUN = Run(
    timestamp=datetime.now(UTC),
    outcome=Outcome.PROMOTED,
    duration_seconds=400.0,
    n_users=102,
    n_products=33,
    n_interactions=3331,
    similarity_density=1.0,
    events={"purchase": 8014, "view": 3173},
    seconds_by_step={"extract": 1.0, "roll_out": 345.0},
)


@pytest.fixture(autouse=True)
def _sample_shop(store_path: Path, sample_shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("DATABASE_URL", sample_shop_url)


def plan(**environment: str) -> dict[str, Any]:
    ended = train("plan", "--format", "json", **environment)
    assert ended.exit_code == 0, ended.log
    told: dict[str, Any] = json.loads(ended.output)
    return told


def test_the_page_says_memory_time_and_the_limit_to_set() -> None:
    page = train("plan", MEMORY_LIMIT="2Gi").output
    assert "PLAN OF THE NEXT RUN: FITS" in page
    assert "11,187 (8,014 purchase, 3,173 view)" in page
    assert "102 x 33, 3,331 pairs" in page
    assert "Mi (trainer.resources.limits.memory in values.yaml)" in page
    assert "2,147 MB by MEMORY_LIMIT, the run fits" in page
    assert "Seconds are from  constants measured on" in page


@pytest.mark.parametrize(("arguments", "told"), [(("--dask", "local:2"), {}), ((), {"DASK": "local:2"})])
def test_with_workers_the_page_says_whose_memory_it_means(arguments: tuple[str, ...], told: dict[str, str]) -> None:
    page = train(*arguments, "plan", **told).output
    (memory,) = [line for line in page.splitlines() if line.startswith("Memory ")]
    assert memory.endswith("MB) in the process that leads, counted as without workers")
    assert "process that leads" not in train("plan").output


def test_a_limit_that_is_too_low_is_told_with_the_one_to_set() -> None:
    page = train("plan", MEMORY_LIMIT="80Mi").output
    assert "PLAN OF THE NEXT RUN: DOES NOT FIT" in page
    assert "84 MB by MEMORY_LIMIT, the run does not fit: set at least" in page


def test_a_plan_is_about_what_a_run_takes(store_path: Path) -> None:
    memory = plan()["memory"]
    assert train(MEMORY_LIMIT=memory["limit_to_set"]).exit_code == 0
    assert (store_path / "current.json").exists()
    # Python with all that a run imports: below and above these no sample shop has ever been.
    assert 150e6 < memory["bytes"]["expected"] < 450e6
    assert memory["bytes"]["low"] < memory["bytes"]["expected"] < memory["bytes"]["high"]
    assert parse_quantity(memory["limit_to_set"]) >= memory["bytes"]["high"]


def test_a_plan_writes_nothing(store_path: Path) -> None:
    plan()
    assert not store_path.exists()
    assert list(Path().iterdir()) == []


def test_the_seconds_come_from_the_history_where_there_is_one(store_path: Path) -> None:
    append_run(FileStore(store_path), SAMPLE_RUN)
    told = plan()["time"]
    assert told["basis"] == "the last run"
    assert told["seconds_by_step"]["roll_out"] == 345.0
    assert told["seconds"]["expected"] > 345
    assert "6 min" in train("plan").output


def test_the_verdict_is_told_to_machines() -> None:
    needed = plan()["memory"]["bytes"]["expected"]
    for limit, fit in ((needed * 2, "fits"), (needed * 1.2, "tight"), (needed * 0.7, "tight"), (80e6, "too_large")):
        assert plan(MEMORY_LIMIT=f"{limit:.0f}")["memory"]["fit"] == fit


def test_no_database_is_the_error_of_a_run(tmp_path: Path) -> None:
    ended = train("plan", DATABASE_URL=f"sqlite:///{tmp_path}/none.db")
    assert_one_clear_line(ended, 64, "there is no database file", "sample-shop")


def test_a_database_that_is_down_is_the_error_of_a_run() -> None:
    ended = train("plan", DATABASE_URL=f"mysql://shop:secret@127.0.0.1:{free_port()}/shop")
    assert_one_clear_line(ended, 75, "Can't connect", "Is it up, and reachable from here?")
    assert "secret" not in ended.log


def test_wrong_sql_is_the_error_of_a_run() -> None:
    ended = train("plan", EVENTS='{"purchase": {"sql": "SELECT user_id FROM nowhere"}}')
    assert_one_clear_line(ended, 64, "the purchase query", "no such table: nowhere", "EVENTS")


def test_empty_tables_are_the_error_of_a_run() -> None:
    empty = (
        '{"purchase": {"sql": "SELECT user_id, product_id, viewed_at AS occurred_at FROM product_views WHERE 1 = 0"}}'
    )
    ended = train("plan", EVENTS=empty, VIEW_WEIGHT="0")
    assert_one_clear_line(ended, 65, "no query gave an event that can be used", "Are the tables filled?")


def test_a_wrong_limit_is_named() -> None:
    ended = train("plan", MEMORY_LIMIT="2 gigs")
    assert_one_clear_line(ended, 64, "MEMORY_LIMIT='2 gigs'", "512Mi or 2Gi")
