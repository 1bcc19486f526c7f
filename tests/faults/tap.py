"""A tap on the calls of a process: it counts them, writes each down, and makes the trouble that one is to meet."""

import json
import os
import re
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Never, TypeVar

from tests.faults.troubles import KILLS, Call, Kind, Strike

Result = TypeVar("Result")
Errors = Mapping[Kind, Callable[[], Exception]]
_DIFFERS: Final = (
    (re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}"), "VERSION"),
    (re.compile(r"\d{8}T\d{12}Z"), "TIME"),
    (re.compile(r"[0-9a-f]{12,}"), "ID"),
)


def plain(name: str) -> str:
    """Take out of a call's name what differs from run to run."""
    for pattern, stands_for in _DIFFERS:
        name = pattern.sub(stands_for, name)
    return name


class Tap:
    """Numbers the calls from 0; the trace has one line a call, and one more where the trouble struck."""

    def __init__(self, trace: Path, strike: Strike | None) -> None:
        # Not buffered: what a killed process did is told too.
        self._trace = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._strike, self._count = strike, 0

    def call(
        self,
        name: str,
        perform: Callable[[], Result],
        errors: Errors,
        perform_half: Callable[[], object] | None = None,
    ) -> Result:
        """Make a call, or let happen to it what is to happen. `errors` are how it fails."""
        number, self._count = self._count, self._count + 1
        self._write({"name": plain(name), "sends": perform_half is not None})
        if self._strike is None or not self._strike.meets(number):
            return perform()
        self._write({"struck": number})
        kind = self._strike.trouble.kind
        if kind in KILLS:
            _die(kind, perform, perform_half)
        if kind is Kind.LOST:
            perform()
        error = errors[kind]()
        raise error

    def _write(self, line: dict[str, object]) -> None:
        os.write(self._trace, f"{json.dumps(line)}\n".encode())


def _die(kind: Kind, perform: Callable[[], object], perform_half: Callable[[], object] | None) -> Never:
    with suppress(Exception):  # a call that fails is over too
        if kind is Kind.KILL_AFTER:
            perform()
        elif kind is Kind.KILL_DURING and perform_half is not None:
            perform_half()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives this")


def read_trace(trace: Path) -> tuple[list[Call], list[int]]:
    """Give the calls that a process made, and the numbers of those that met trouble."""
    lines = [json.loads(line) for line in trace.read_text().splitlines()] if trace.exists() else []
    calls = [Call(line["name"], sends=line["sends"]) for line in lines if "name" in line]
    return calls, [line["struck"] for line in lines if "struck" in line]
