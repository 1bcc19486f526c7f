"""What is heard of Dask in our log."""

import io
import json
import logging

import distributed
import pytest

from runtime.logs import set_up_logging
from runtime.settings import Settings
from trainer.distributed.logs import calm_dask

assert distributed  # its loggers are set up when it is imported


def said(monkeypatch: pytest.MonkeyPatch, level: str = "INFO") -> io.StringIO:
    """Set logging up as a process in a pod does; give what is written."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    set_up_logging(Settings.load(_env_file=None, log_format="json", log_level=level))
    calm_dask()
    calm_dask()
    return stream


def records(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail() -> None:
    raise ValueError("no such\nkey")


def test_what_was_raised_stands_at_the_end_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = said(monkeypatch)
    try:
        fail()
    except ValueError:
        logging.getLogger("distributed.worker").exception("Unexpected exception during heartbeat.")
    (record,) = records(stream)
    assert record["message"] == "Unexpected exception during heartbeat.: ValueError: no such key"
    assert "exception" not in record


def test_failure_of_a_task_is_told_without_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = said(monkeypatch)
    told = "Compute Failed\nKey:       %s\nException: %r\nTraceback: %r\n"
    logging.getLogger("distributed.worker").error(told, "merge-7", "TryAgainError('no database')", '  File "x.py"')
    (record,) = records(stream)
    assert record["message"] == "Compute Failed Key: merge-7 Exception: \"TryAgainError('no database')\""


@pytest.mark.parametrize("name", ["distributed.scheduler", "distributed.client", "tornado.general", "bokeh.server"])
def test_ordinary_business_is_not_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    stream = said(monkeypatch)
    logging.getLogger(name).info("Clear task state")
    assert records(stream) == []


def test_all_is_told_to_those_who_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = said(monkeypatch, "DEBUG")
    try:
        fail()
    except ValueError:
        logging.getLogger("distributed.worker").exception("Stopping")
    (record,) = records(stream)
    assert "Traceback" in str(record["exception"])


def test_our_own_lines_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = said(monkeypatch)
    try:
        fail()
    except ValueError:
        logging.getLogger("runtime.process").exception("a bug")
    (record,) = records(stream)
    assert "Traceback" in str(record["exception"])
