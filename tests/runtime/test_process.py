"""A command ends with one line and the exit code that tells Kubernetes what to do."""

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.errors import BadDataError, BadSettingsError, Exit, RecommenderError, TryAgainError
from runtime.logs import set_up_logging
from runtime.process import run
from runtime.settings import Settings

STARTS_AND_WAITS = """
import pathlib, sys, time
from runtime.errors import Exit
from runtime.logs import set_up_logging
from runtime.process import run
from runtime.settings import Settings

def command():
    set_up_logging(Settings.load())
    try:
        print("at work", flush=True)
        time.sleep(30)
    finally:
        pathlib.Path("unwound").touch()
    return Exit.DONE

run(command)
"""


@pytest.fixture(autouse=True)
def _own_signal_handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def raising(error: BaseException) -> Callable[[], Exit]:
    def command() -> Exit:
        raise error

    return command


def exit_code(command: Callable[[], Exit]) -> object:
    with pytest.raises(SystemExit) as raised:
        run(command)
    return raised.value.code


def exit_code_before_logging(command: Callable[[], Exit]) -> object:
    """Run a command as it is run before logging is set up: pytest sets up its own."""
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        return exit_code(command)
    finally:
        root.handlers = handlers


@pytest.mark.parametrize("code", Exit)
def test_exit_code_is_the_commands(code: Exit, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_before_logging(lambda: code) == code
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RecommenderError("it failed", hint="Look there"), 1),
        (BadSettingsError("it failed", hint="Look there"), 64),
        (BadDataError("it failed", hint="Look there"), 65),
        (TryAgainError("it failed", hint="Look there"), 75),
    ],
)
def test_error_is_one_line_with_its_hint_and_its_exit_code(
    error: RecommenderError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_before_logging(raising(error)) == code
    assert capsys.readouterr().err == "ERROR: it failed. Look there\n"


def test_bug_is_one_line_that_asks_for_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_before_logging(raising(ValueError("many\nlines"))) == 1
    assert capsys.readouterr().err == "ERROR: unexpected ValueError: many lines. This is a bug: please report it\n"


def test_memory_that_ran_out_says_what_to_give(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_before_logging(raising(MemoryError())) == 1
    assert "out of memory: give the process more (resources.limits.memory" in capsys.readouterr().err


def test_interrupted_command_is_worth_another_try(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_before_logging(raising(KeyboardInterrupt())) == 75
    assert capsys.readouterr().err.count("\n") == 1


def test_end_is_a_json_line_where_logs_are(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(Settings.load(log_format="json"))
    exit_code(raising(BadDataError("no events")))
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["message"]) == ("ERROR", "no events")
    assert (line["event"], line["exit_code"]) == ("ended", 65)
    assert "exception" not in line


def test_json_line_of_a_bug_holds_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(Settings.load(log_format="json"))
    exit_code(raising(ValueError("odd")))
    line = json.loads(capsys.readouterr().err)
    assert line["exit_code"] == 1
    assert "Traceback" in line["exception"]


def test_human_line_of_a_bug_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(Settings.load(log_format="human"))
    exit_code(raising(ValueError("odd")))
    assert capsys.readouterr().err == "ERROR: unexpected ValueError: odd. This is a bug: please report it\n"


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_process_that_is_stopped_unwinds_and_asks_for_another_try(sent: signal.Signals) -> None:
    command = [sys.executable, "-c", STARTS_AND_WAITS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"at work\n"
        process.send_signal(sent)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 75
    assert json.loads(err)["message"].startswith("stopped by a signal")
    assert Path("unwound").exists()


@pytest.mark.parametrize("buffering", ["", "1"])
def test_reader_that_leaves_early_is_no_failure(buffering: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", buffering)
    program = "import sys; from runtime.process import run; from runtime.errors import Exit\n"
    program += "run(lambda: sys.stdout.write('line\\n' * 100_000) and Exit.DONE)"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(20), said) == (0, b"")
