"""Send fuzzed paths, queries and bodies to a real worker: none may end it, make it grow, or get an answer of 5xx.

python -m tests.faults.fuzzing [--requests 1000000] [--seed 1]
"""

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from typing import Final

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ServerProcess
from tests.builders import publish
from tests.faults.fuzzed_requests import fuzzed_request
from tests.faults.raw_answers import NotHttpError, RawAnswer, RawConnection

_MOST_FINDINGS: Final = 20
_MOST_GROWTH_MB: Final = 64.0
_WARM_UP: Final = 2000
_CONNECTIONS: Final = 32


@dataclass
class Fuzzed:
    """What came of it: answers by status, what was wrong, and the worker's resident memory before and after, in MB."""

    answers: Counter[int] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    memory_mb: tuple[float, float] = (0.0, 0.0)
    seconds: float = 0.0

    def to_lines(self) -> list[str]:
        """The report."""
        total = self.answers.total()
        counts = ", ".join(f"{count:,} x {status}" for status, count in sorted(self.answers.items()))
        return [
            f"{total:,} answers in {self.seconds:.0f} s ({total / self.seconds:,.0f} a second): {counts}",
            f"Memory of the worker: {self.memory_mb[0]:.0f} MB before, {self.memory_mb[1]:.0f} MB after",
            *self.findings,
            f"{len(self.findings)} findings",
        ]


def fuzz(server: ServerProcess, requests: int, seed: int) -> Fuzzed:
    """Ask a server that many fuzzed questions, after some to warm it up."""
    fuzzed, started, chance = Fuzzed(), time.monotonic(), random.Random(seed)
    connections = [RawConnection(server.port) for _ in range(_CONNECTIONS)]
    _ask(connections, min(_WARM_UP, requests // 2), chance, fuzzed)
    fuzzed.findings += _ended(server)
    before = 0.0 if fuzzed.findings else resident_mb(server.process.pid)
    _ask(connections, requests - min(_WARM_UP, requests // 2), chance, fuzzed)
    for connection in connections:
        connection.close()
    fuzzed.findings += _ended(server)
    if not fuzzed.findings:
        fuzzed.memory_mb = before, resident_mb(server.process.pid)
        fuzzed.findings += _grown(*fuzzed.memory_mb)
    fuzzed.seconds = time.monotonic() - started
    return fuzzed


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


def _ask(connections: Sequence[RawConnection], requests: int, chance: random.Random, fuzzed: Fuzzed) -> None:
    """Ask over all connections at a time, until enough is asked or found."""
    for first in range(0, requests, len(connections)):
        if len(fuzzed.findings) >= _MOST_FINDINGS:
            return
        used = connections[: requests - first]
        asked = [fuzzed_request(chance) for _ in used]
        sent = [_send(connection, request, fuzzed) for connection, request in zip(used, asked, strict=True)]
        for connection, request in compress(zip(used, asked, strict=True), sent):
            _judge(connection, request, fuzzed)


def _send(connection: RawConnection, request: bytes, fuzzed: Fuzzed) -> bool:
    try:
        connection.send(request)
    except NotHttpError as error:
        fuzzed.findings.append(f"{error}: {request[:300]!r}")
        return False
    return True


def _judge(connection: RawConnection, request: bytes, fuzzed: Fuzzed) -> None:
    try:
        answer = connection.receive()
    except NotHttpError as error:
        fuzzed.findings.append(f"{error}: {request[:300]!r}")
        return
    fuzzed.answers[answer.status] += 1
    wrong = wrong_with(answer)
    if wrong is not None:
        fuzzed.findings.append(f"{wrong}: {request[:300]!r}")


def _ended(server: ServerProcess) -> list[str]:
    status = server.process.poll()
    if status is not None:
        return [f"the worker ended with {status}"]
    return [] if server.answers("/readyz", 200) else ["the worker is not ready any more"]


def _grown(before: float, after: float) -> list[str]:
    return [f"the worker grew by {after - before:.0f} MB"] if after - before > _MOST_GROWTH_MB else []


def main() -> int:
    """Fuzz a worker of its own, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recommender-fuzzing-") as folder:
        store = Path(folder) / "store"
        publish(Registry(FileStore(store)))
        with ServerProcess(Path(folder), {"STORE_URL": store.as_uri(), "ACCESS_LOG": "none"}) as server:
            fuzzed = fuzz(server.until("/readyz"), asked.requests, asked.seed)
    sys.stdout.write("\n".join(fuzzed.to_lines()) + "\n")
    return 1 if fuzzed.findings else 0


if __name__ == "__main__":
    sys.exit(main())
