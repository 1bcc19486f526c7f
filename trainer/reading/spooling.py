"""Reading a query by ConnectorX in a process of its own, whose batches go to a file: memory holds one of them.

ConnectorX's stream of batches waits for each with Python's lock held (0.4.6, PyRecordBatchIterator.__next__): in the
trainer's own process, while a server thinks about its first row, no thread could renew the run's Lease.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

import pyarrow as pa

from runtime.errors import Exit

BATCH_ROWS: Final = 1 << 16
_SET_SIGNAL_OF_PARENTS_DEATH: Final = 1


class SpoolError(Exception):
    """ConnectorX could not read a query."""


def spooled(address: str, sql: str, file: BinaryIO) -> Iterator[pa.RecordBatch]:
    """Read a query to its end, and give its batches one by one.

    Raises SpoolError with what was wrong, OSError where the file has no room.
    """
    with _reading(address, sql, file):
        pass
    file.seek(0)
    return iter(pa.ipc.open_stream(file))


def streamed(address: str, sql: str) -> Generator[pa.RecordBatch]:
    """Give a query's batches one by one, as they are read. Raises SpoolError at last, with what was wrong."""
    with _reading(address, sql, subprocess.PIPE) as reading:
        assert reading.stdout is not None  # noqa: S101 (the pipe that was asked for)
        cut_off = ""
        try:
            yield from pa.ipc.open_stream(reading.stdout)
        except (pa.ArrowInvalid, OSError) as error:  # in a message's head, or in its body; the process says by what
            cut_off = " ".join(str(error).split())
            reading.stdout.read()
    if cut_off:
        raise SpoolError(cut_off)


@contextmanager
def _reading(address: str, sql: str, output: BinaryIO | int) -> "Iterator[subprocess.Popen[bytes]]":
    """Have a query read by a process that writes to an output, and wait for its end."""
    # Not in the command: the address holds the password.
    question = json.dumps({"address": address, "sql": sql, "parent": os.getpid()})
    command = [sys.executable, "-m", __name__]
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(  # noqa: S603 (this program itself)
            command, stdin=subprocess.PIPE, stdout=output, stderr=words
        ) as reading,
    ):
        assert reading.stdin is not None  # noqa: S101 (the pipe that was asked for)
        with reading.stdin:
            reading.stdin.write(question.encode())
        try:
            yield reading
        except BaseException:
            reading.kill()
            raise
        reading.wait()
        words.seek(0)
        _raise_for(reading.returncode, words.read().decode(errors="replace").splitlines())


def _raise_for(code: int, words: list[str]) -> None:
    last_words = next(reversed(words), f"its process ended with {code}")
    if code == Exit.TRY_AGAIN:
        raise OSError(int(last_words), "no room")
    if code:
        raise SpoolError(last_words)


def main() -> Exit:
    """Read the question that standard input holds, and write its batches to standard output."""
    question = json.load(sys.stdin)
    _end_with(question["parent"])
    try:
        _write_batches(question["address"], question["sql"])
    except OSError as error:
        return _ended(Exit.TRY_AGAIN, str(error.errno))
    except BaseException as error:  # noqa: BLE001 (a Rust panic is one, and no narrower clause catches it)
        return _ended(Exit.FAILED, " ".join(str(error).split()))
    return Exit.DONE


def _end_with(parent: int) -> None:
    """Have this process killed when its parent ends, or end now where that has."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_SIGNAL_OF_PARENTS_DEATH, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(Exit.FAILED)


def _write_batches(address: str, sql: str) -> None:
    import connectorx  # noqa: PLC0415 (in this process only)

    batches = connectorx.read_sql(address, sql, return_type="arrow_stream", batch_size=BATCH_ROWS)
    with os.fdopen(sys.stdout.fileno(), "wb", buffering=0) as file, pa.ipc.new_stream(file, batches.schema) as stream:
        for batch in batches:
            stream.write_batch(batch)


def _ended(exit_code: Exit, last_words: str) -> Exit:
    sys.stderr.write(f"\n{last_words}\n")
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
