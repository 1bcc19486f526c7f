"""Send fuzzed paths, queries and bodies to a real worker: none may end it, make it grow, or get an answer of 5xx.

python -m tests.faults.fuzzing [--requests 1000000] [--seed 1] [--lanes 2]

A quarter of what is sent is no whole request: damaged, cut short, pipelined, in chunks of wrong sizes, or noise.
"""

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from pathlib import Path
from typing import Final

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ServerProcess
from tests.builders import publish
from tests.faults.fuzzed_requests import fuzzed_request
from tests.faults.raw_answers import Burst, NotHttpError, RawAnswer, RawConnection
from tests.faults.raw_bytes import fuzzed_bytes

_MOST_FINDINGS: Final = 20
_MOST_GROWTH_MB: Final = 64.0
_WARM_UP: Final = 2000
_CONNECTIONS: Final = 32
_SHARE_OF_BYTES: Final = 0.25
_SHOWN: Final = 300


@dataclass
class Fuzzed:
    """What came of it: answers by status, what was wrong, and the worker's resident memory before and after, in MB."""

    sent: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    memory_mb: tuple[float, float] = (0.0, 0.0)
    seconds: float = 0.0

    def to_lines(self) -> list[str]:
        """The report."""
        counts = ", ".join(f"{count:,} x {status}" for status, count in sorted(self.answers.items()))
        return [
            f"{self.sent:,} sent in {self.seconds:.0f} s ({self.sent / self.seconds:,.0f} a second), answered {counts}",
            f"Memory of the worker: {self.memory_mb[0]:.0f} MB before, {self.memory_mb[1]:.0f} MB after",
            *self.findings,
            f"{len(self.findings)} findings",
        ]


def fuzz(server: ServerProcess, requests: int, seed: int) -> Fuzzed:
    """Send a server that many fuzzed requests, after some to warm it up."""
    fuzzed, started = Fuzzed(), time.monotonic()
    sender = Sender(server.port, random.Random(seed), fuzzed)
    sender.send(min(_WARM_UP, requests // 2))
    fuzzed.findings += _ended(server)
    before = 0.0 if fuzzed.findings else resident_mb(server.process.pid)
    sender.send(requests - fuzzed.sent)
    fuzzed.findings += _ended(server)
    if not fuzzed.findings:
        fuzzed.memory_mb = before, resident_mb(server.process.pid)
        fuzzed.findings += _grown(*fuzzed.memory_mb)
    fuzzed.seconds = time.monotonic() - started
    return fuzzed


class Sender:
    """Sends over many connections in turn, so that the worker always has something to do, and judges the answers.

    A request waits for its answer until it is its connection's turn again. Bytes that are no request have a connection
    of their own, which is looked at when so many others were opened.
    """

    def __init__(self, port: int, chance: random.Random, fuzzed: Fuzzed) -> None:
        self._port, self._chance, self._fuzzed = port, chance, fuzzed
        self._connections = [RawConnection(port) for _ in range(_CONNECTIONS)]
        self._bursts: deque[Burst] = deque()

    def send(self, requests: int) -> None:
        """Send until that many are sent and answered, or enough was found."""
        for connection in islice(cycle(self._connections), requests):
            if len(self._fuzzed.findings) >= _MOST_FINDINGS:
                break
            self._fuzzed.sent += 1
            if self._chance.random() < _SHARE_OF_BYTES:
                self._burst()
            else:
                self._ask(connection)
        self._end()

    def _ask(self, connection: RawConnection) -> None:
        request = fuzzed_request(self._chance)
        self._receive(connection)
        with self._noting(request):
            connection.send(request)

    def _receive(self, connection: RawConnection) -> None:
        request = connection.asked
        if request is not None:
            with self._noting(request):
                self._judge(connection.receive(), request)

    def _burst(self) -> None:
        sent = fuzzed_bytes(self._chance)
        with self._noting(sent):
            self._bursts.append(Burst(self._port, sent))
        if len(self._bursts) > _CONNECTIONS:
            self._take(self._bursts.popleft())

    def _take(self, burst: Burst) -> None:
        with self._noting(burst.sent):
            for answer in burst.answers():
                self._judge(answer, burst.sent)

    def _judge(self, answer: RawAnswer, sent: bytes) -> None:
        self._fuzzed.answers[answer.status] += 1
        wrong = wrong_with(answer)
        if wrong is not None:
            self._fuzzed.findings.append(f"{wrong}: {sent[:_SHOWN]!r}")

    @contextmanager
    def _noting(self, sent: bytes) -> Iterator[None]:
        try:
            yield
        except (NotHttpError, OSError) as error:
            self._fuzzed.findings.append(f"{error}: {sent[:_SHOWN]!r}")

    def _end(self) -> None:
        for connection in self._connections:
            self._receive(connection)
            connection.close()
        while self._bursts:
            self._take(self._bursts.popleft())


def wrong_with(answer: RawAnswer) -> str | None:
    """What no answer may be: 5xx other than the documented 503, or an error that is not a problem."""
    if answer.status >= 500 and answer.status != 503:
        return f"answered {answer.status}"
    is_problem = answer.headers.get(b"content-type") == b"application/problem+json"
    if answer.status >= 400 and not is_problem:
        return f"answered {answer.status} with {answer.headers.get(b'content-type')!r}"
    if is_problem and answer.body and json.loads(answer.body)["status"] != answer.status:
        return f"answered {answer.status} with the problem of another status"
    return None


def resident_mb(pid: int) -> float:
    """The resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1000


def _ended(server: ServerProcess) -> list[str]:
    status = server.process.poll()
    if status is not None:
        return [f"the worker ended with {status}"]
    return [] if server.answers("/readyz", 200) else ["the worker is not ready any more"]


def _grown(before: float, after: float) -> list[str]:
    return [f"the worker grew by {after - before:.0f} MB"] if after - before > _MOST_GROWTH_MB else []


def fuzz_own_server(requests: int, seed: int) -> Fuzzed:
    """Send that many to a server of its own."""
    with tempfile.TemporaryDirectory(prefix="recommender-fuzzing-") as folder:
        store = Path(folder) / "store"
        publish(Registry(FileStore(store)))
        with ServerProcess(Path(folder), {"STORE_URL": store.as_uri(), "ACCESS_LOG": "none"}) as server:
            return fuzz(server.until("/readyz"), requests, seed)


def main() -> int:
    """Fuzz a worker in each lane, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=2, help="servers at once, each with a client (default: 2)")
    asked = parser.parse_args()
    shares = [asked.requests // asked.lanes] * asked.lanes
    with ProcessPoolExecutor(asked.lanes) as lanes:
        every = list(lanes.map(fuzz_own_server, shares, count(asked.seed * asked.lanes)))
    for number, fuzzed in enumerate(every, start=1):
        sys.stdout.write("\n".join([f"Lane {number}", *fuzzed.to_lines()]) + "\n")
    return 1 if any(fuzzed.findings for fuzzed in every) else 0


if __name__ == "__main__":
    sys.exit(main())
