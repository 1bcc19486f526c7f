"""Log lines: sentences for people, JSON objects for machines, both on standard error and in LOG_FILE."""

import json
import logging
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import BadSettingsError
from runtime.logs import set_up_logging, wants_human_lines
from runtime.settings import Settings
from tests.parts.small_disk import SmallDisk

log = logging.getLogger("trainer.pipeline")


def set_up(**settings: object) -> None:
    set_up_logging(Settings.load(**settings))


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_line_has_time_level_logger_message_and_every_extra(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(log_format="json")
    log.info("Loaded %d records", 8014, extra={"event": "loaded", "seconds": 0.5, "path": Path("x")})
    (line,) = json_lines(capsys.readouterr().err)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(line.pop("time"))) < timedelta(minutes=1)
    rest = {"message": "Loaded 8014 records", "event": "loaded", "seconds": 0.5, "path": "x"}
    assert line == {"level": "INFO", "logger": "trainer.pipeline", **rest}


def test_json_line_is_one_line_whatever_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(log_format="json")
    messages = ["a\nb\r\nc", '"quoted"', "ünï 🛒", "\x00\x1b[31m", "\u2028"]
    for message in messages:
        log.warning("%s", message)
    err = capsys.readouterr().err
    assert [json.loads(line)["message"] for line in err.split("\n")[:-1]] == messages


def test_json_line_holds_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(log_format="json")
    try:
        json.loads("{")
    except ValueError:
        log.exception("failed")
    (line,) = json_lines(capsys.readouterr().err)
    assert "Traceback" in line["exception"]
    assert "JSONDecodeError" in line["exception"]


def test_human_line_is_the_message_and_names_its_level_where_it_is_a_trouble(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up(log_format="human")
    log.info("Loaded %s records", "8,014")
    log.warning("High sparsity")
    log.error("failed", exc_info=KeyError("lost"))
    assert capsys.readouterr().err.splitlines() == ["Loaded 8,014 records", "WARNING: High sparsity", "ERROR: failed"]


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(log_format="human", log_level="WARNING")
    log.info("quiet")
    log.warning("loud")
    assert capsys.readouterr().err == "WARNING: loud\n"


def test_standard_output_is_left_to_results(capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    log.error("failed")
    assert capsys.readouterr().out == ""


def test_auto_means_people_on_a_terminal_and_machines_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for on_terminal in (True, False):
        monkeypatch.setattr("sys.stderr.isatty", lambda on_terminal=on_terminal: on_terminal)
        assert wants_human_lines(Settings.load()) is on_terminal
        assert wants_human_lines(Settings.load(log_format="human"))
        assert not wants_human_lines(Settings.load(log_format="json"))


def test_log_file_gets_the_same_lines_after_those_it_held(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "logs" / "train.log"
    for message in ("first", "second ü"):
        set_up(log_format="human", log_file=str(path))
        log.info(message)
    assert path.read_text(encoding="utf-8") == "first\nsecond ü\n" == capsys.readouterr().err


def test_text_that_no_encoding_holds_is_logged(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    set_up(log_format="json", log_file=str(tmp_path / "log"))
    log.info("id \ud800")
    assert json_lines((tmp_path / "log").read_text(encoding="utf-8"))[0]["message"] == "id \ud800"
    assert "Logging error" not in capfd.readouterr().err


def test_log_file_that_cannot_be_written_is_a_wrong_setting(tmp_path: Path, disk_of_128_kilobytes: SmallDisk) -> None:
    (tmp_path / "file").write_text("")
    disk_of_128_kilobytes.make_read_only()
    for path in (tmp_path, tmp_path / "file" / "log", disk_of_128_kilobytes.path / "log"):
        with pytest.raises(BadSettingsError, match=f"wrong settings: LOG_FILE='{path}' cannot be written: "):
            set_up(log_file=str(path))


def test_warnings_of_libraries_become_log_lines(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(log_format="json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("something is old", stacklevel=1)
    (line,) = json_lines(capsys.readouterr().err)
    assert (line["level"], line["logger"]) == ("WARNING", "py.warnings")
    assert "something is old" in line["message"]
