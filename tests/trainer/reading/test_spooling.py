"""Reading a query in a process of its own, into a file."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pytest

from tests.parts.children import children_of, command_of
from tests.parts.small_disk import SmallDisk
from trainer.reading.spooling import BATCH_ROWS, SpoolError, spooled, streamed

N_ROWS = 2 * BATCH_ROWS + 100
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT i FROM n"
PASSWORD = "sesame"
A_PARENT = f"""
import sys, tempfile, threading, time
from trainer.reading.spooling import spooled
read = lambda: spooled(sys.argv[1], {ENDLESS!r}, tempfile.TemporaryFile(buffering=0))
threading.Thread(target=read, daemon=True).start()
time.sleep(60)
"""


@pytest.fixture
def address(tmp_path: Path) -> str:
    connection = sqlite3.connect(tmp_path / "shop.db")
    connection.executescript(
        "CREATE TABLE seen (id INTEGER, at DATETIME);"
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {N_ROWS}) "
        "INSERT INTO seen SELECT i, '2025-01-01 10:00:00' FROM n;"
        "CREATE TABLE odd (at DATETIME); INSERT INTO odd VALUES ('2025-01-01 10:00:00'), ('yesterday');"
    )
    connection.close()
    return f"sqlite://{tmp_path}/shop.db"


@pytest.fixture
def file() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile(buffering=0) as opened:
        yield opened


def is_running(pid: int) -> bool:
    """Tell whether a process is there and no zombie, which has no command any more."""
    return bool(command_of(pid))


def spools_of(parent: int) -> list[int]:
    """Give the processes that read for another."""
    return [pid for pid, command in children_of(parent).items() if b"trainer.reading.spooling" in command]


def eventually(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not is_so() and time.monotonic() < until:
        time.sleep(0.05)
    return is_so()


def test_rows_come_back_batch_by_batch(address: str, file: BinaryIO) -> None:
    batches = list(spooled(address, "SELECT id FROM seen", file))
    assert [len(batch) for batch in batches] == [BATCH_ROWS, BATCH_ROWS, 100]
    assert sum(batch.column("id").to_numpy().sum() for batch in batches) == N_ROWS * (N_ROWS + 1) // 2


def test_query_without_rows_gives_none(address: str, file: BinaryIO) -> None:
    batches = spooled(address, "SELECT id FROM seen WHERE id < 0", file)
    assert sum(len(batch) for batch in batches) == 0


@pytest.mark.parametrize("sql", ["SELECT at FROM odd", "SELECT nothing FROM seen"])
def test_what_cannot_be_read_is_one_line(
    address: str, file: BinaryIO, sql: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SpoolError) as error:
        spooled(address, sql, file)
    assert str(error.value)
    assert "\n" not in str(error.value)
    assert "stack backtrace" not in str(error.value)
    assert capfd.readouterr().err == ""


def test_full_disk_is_told_as_such(address: str, disk_of_128_kilobytes: SmallDisk) -> None:
    with (
        pytest.raises(OSError, match="no room") as error,
        tempfile.TemporaryFile(buffering=0, dir=disk_of_128_kilobytes.path) as file,
    ):
        spooled(address, "SELECT id FROM seen", file)
    assert error.value.errno == errno.ENOSPC


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_reading_ends_with_the_process_that_wants_it_and_shows_no_password(address: str, ending: int) -> None:
    parent = subprocess.Popen([sys.executable, "-c", A_PARENT, f"{address}?password={PASSWORD}"])
    try:
        assert eventually(lambda: len(spools_of(parent.pid)) == 1)
        (child,) = spools_of(parent.pid)
        assert PASSWORD not in Path(f"/proc/{child}/cmdline").read_text()
    finally:
        os.kill(parent.pid, ending)
        parent.wait()
    assert eventually(lambda: not is_running(child))


def test_batches_come_as_they_are_read(address: str) -> None:
    batches = streamed(address, ENDLESS)
    assert [next(batches).column(0)[0].as_py() for _ in range(3)] == [1, BATCH_ROWS + 1, 2 * BATCH_ROWS + 1]
    (child,) = spools_of(os.getpid())
    batches.close()
    assert eventually(lambda: not is_running(child))


def test_stream_gives_all_rows(address: str) -> None:
    assert [len(batch) for batch in streamed(address, "SELECT id FROM seen")] == [BATCH_ROWS, BATCH_ROWS, 100]
    assert sum(len(batch) for batch in streamed(address, "SELECT id FROM seen WHERE id < 0")) == 0


@pytest.mark.parametrize("sql", ["SELECT at FROM odd", "SELECT nothing FROM seen"])
def test_stream_of_what_cannot_be_read_is_one_line(address: str, sql: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SpoolError) as error:
        list(streamed(address, sql))
    assert str(error.value)
    assert "\n" not in str(error.value)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("n_taken", [0, 1])
def test_stream_whose_process_dies_says_so_and_never_ends_as_if_whole(address: str, n_taken: int) -> None:
    batches = streamed(address, ENDLESS)
    next(batches)
    for _ in range(n_taken):
        next(batches)
    (child,) = spools_of(os.getpid())
    os.kill(child, signal.SIGKILL)
    with pytest.raises(SpoolError, match="its process ended with -9"):
        list(batches)


def cut_off_stream(folder: Path, n_bytes: int, end: str) -> Path:
    """Give a program that answers any question with a stream of two batches, and then ends as it is told.

    The last `n_bytes` of the stream are missing.
    """
    batch = pa.RecordBatch.from_pydict({"number": pa.array(range(10_000))})
    whole = pa.BufferOutputStream()
    with pa.ipc.new_stream(whole, batch.schema) as stream:
        stream.write_batch(batch)
        stream.write_batch(batch)
    content, program = folder / "content", folder / "program"
    content.write_bytes(whole.getvalue().to_pybytes()[:-n_bytes])
    program.write_text(f"#!/bin/sh\ncat > {folder}/question\ncat {content}\n{end}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("end", ["kill -9 $$", "exit 0"])
@pytest.mark.parametrize("n_bytes", [1_000, 80_100], ids=["in its body", "in its head"])
def test_batch_that_is_cut_off_is_told_of_wherever_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_bytes: int, end: str
) -> None:
    monkeypatch.setattr(sys, "executable", str(cut_off_stream(tmp_path, n_bytes, end)))
    batches = streamed("any", "any")
    assert next(batches).num_rows == 10_000
    with pytest.raises(SpoolError, match="ended with -9" if "kill" in end else "metadata bytes|message body"):
        next(batches)
