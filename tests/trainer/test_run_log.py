"""The log of a run is kept beside its entry, whatever became of it, and keeping it costs no run its outcome."""

import logging
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.history import Outcome, Run, read_history
from registry.run_logs import LARGEST_LOG_BYTES, read_run_log
from tests.trainer.running import train
from trainer.run_log import RunLog, kept_log
from trainer.settings import TrainerSettings

log = logging.getLogger("trainer.test")
SETTINGS = {"database_url": "mysql://ann:hunter2@db/shop", "db_password": "tr0ub4dor", "log_level": "DEBUG"}


def a_run() -> Run:
    return Run(timestamp=datetime.now(UTC), outcome=Outcome.FAILED, duration_seconds=1.5)


def kept(path: Path, *lines: str, level: int = logging.INFO) -> list[str]:
    """Log lines during a run, and give what was kept of them."""
    logging.getLogger().setLevel(logging.DEBUG)
    store, run = FileStore(path), a_run()
    with kept_log(TrainerSettings.load(**SETTINGS)) as listening:
        listening.belongs_to(store, run)
        for line in lines:
            log.log(level, line)
    return read_run_log(store, run.timestamp)


def test_lines_bear_their_time_and_level(tmp_path: Path) -> None:
    first, second = kept(tmp_path, "Loaded 3 events", "two\n  lines", level=logging.WARNING)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ WARNING Loaded 3 events", first)
    assert second.endswith(" WARNING two lines")


def test_what_is_logged_for_debugging_is_not_kept(tmp_path: Path) -> None:
    assert kept(tmp_path, "Authorization: AWS4-HMAC-SHA256", level=logging.DEBUG) == []


def test_secrets_are_not_kept(tmp_path: Path) -> None:
    lines = kept(
        tmp_path,
        "cannot connect to mysql://ann:hunter2@db/shop",
        "wrong password tr0ub4dor",
        "retrying at https://eve:letmein@proxy:3128/",
    )
    assert [line.split(" INFO ")[1] for line in lines] == [
        "cannot connect to ***",
        "wrong password ***",
        "retrying at https://***@proxy:3128/",
    ]


def test_end_of_a_long_log_is_kept_and_says_what_is_missing(tmp_path: Path) -> None:
    lines = kept(tmp_path, *[f"line {number} ü" for number in range(5_000)], "x" * 5_000)
    assert re.fullmatch(r"… [\d,]+ lines before these were left out", lines[0])
    assert lines[-2].endswith("line 4999 ü")
    assert len(lines[-1]) < 2_100
    assert LARGEST_LOG_BYTES * 0.9 < len("\n".join(lines).encode()) <= LARGEST_LOG_BYTES


def test_error_that_ends_a_run_is_its_logs_last_line(tmp_path: Path) -> None:
    store, run = FileStore(tmp_path), a_run()

    def break_down() -> None:
        with kept_log(TrainerSettings.load(**SETTINGS)) as listening:
            listening.belongs_to(store, run)
            raise ValueError("it broke at tr0ub4dor")

    with pytest.raises(ValueError, match="tr0ub4dor"):
        break_down()
    assert read_run_log(store, run.timestamp)[-1].endswith(" ERROR it broke at ***")


def test_run_that_nobody_knows_of_leaves_no_log_and_listening_ends(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    with kept_log(TrainerSettings.load(**SETTINGS)):
        log.warning("nothing comes of it")
    assert list(tmp_path.iterdir()) == []
    assert logging.getLogger().handlers == before


def test_line_whose_arguments_do_not_fit_is_kept_as_it_stands() -> None:
    listening = RunLog([])
    listening.emit(logging.LogRecord("trainer", logging.INFO, "", 0, "%d events", ("many",), None))
    assert listening._lines[0].endswith(" INFO %d events")


def test_whole_runs_leave_their_logs(store_path: Path, sample_shop_url: str) -> None:
    assert train(DATABASE_URL=sample_shop_url).exit_code == 0
    assert train(DATABASE_URL=sample_shop_url, MIN_USERS="1000").exit_code == 65
    store = FileStore(store_path)
    promoted, invalid = (read_run_log(store, run.timestamp) for run in read_history(store))
    assert promoted[0].endswith(" INFO STARTING MODEL TRAINING PIPELINE")
    assert " INFO TRAINING COMPLETED SUCCESSFULLY in " in promoted[-1]
    assert " ERROR " in invalid[-1]
    assert "MIN_USERS" in invalid[-1]


def test_log_that_cannot_be_kept_costs_no_run_its_outcome(store_path: Path, sample_shop_url: str) -> None:
    store_path.mkdir()
    (store_path / "runs").write_text("a file where the logs should be")
    ended = train(DATABASE_URL=sample_shop_url)
    assert ended.exit_code == 0, ended.log
    assert "WARNING: This run's log was not kept: " in ended.log
    assert read_history(FileStore(store_path))[-1].outcome == "promoted"
