"""Load for a server: as much as it takes, by wrk, and at a constant rate, by a loop of our own.

wrk asks again once it was answered, so that a server that stalls is asked less. At a constant rate requests are due
whether or not earlier ones were answered, and each one's time counts from when it was due.
"""

import re
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections import deque
from contextlib import closing
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np

from runtime.errors import BadSettingsError

_CONNECTIONS: Final = 32
_WARM_UP_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 10.0
_LUA: Final = """\
math.randomseed(1)
request = function() return wrk.format("GET", string.format("{pattern}", math.random({n}))) end
"""


@dataclass(frozen=True)
class Asked:
    """What is asked: a path that has one number in it, from 1 to n."""

    name: str
    pattern: str
    n: int

    def path(self, number: int) -> str:
        """Give the path with a number."""
        return self.pattern % number


def highest_rate(port: int, asked: Asked, seconds: float) -> float:
    """Give how many answers a second a server gives at most. Raises BadSettingsError without wrk, RuntimeError."""
    if shutil.which("wrk") is None:
        raise BadSettingsError("wrk is not installed", hint="Run `make parts`")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_LUA.format(pattern=asked.pattern, n=asked.n))
        script.flush()
        options = [
            "-t1",
            "--timeout",
            f"{_PATIENCE_SECONDS:g}s",
            f"-c{_CONNECTIONS}",
            f"-d{max(1, round(seconds))}s",
            "-s",
            script.name,
        ]
        command = ["wrk", *options, f"http://127.0.0.1:{port}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(told)
    return float(re.findall(r"Requests/sec:\s+([0-9.]+)", told)[0])


def p99_at(rate: float, port: int, asked: Asked, seconds: float) -> float:
    """Give the 99th percentile of the seconds to answer at a constant rate. Raises RuntimeError where none comes."""
    with closing(_Load(port, asked)) as load:
        took = load.run(rate, seconds + _WARM_UP_SECONDS)
    return float(np.percentile(took[int(rate * _WARM_UP_SECONDS) :], 99))


class _Load:
    """Connections that stand, of which each has one request at a time; where all have one, those due wait."""

    def __init__(self, port: int, asked: Asked) -> None:
        self._asked, self._random = asked, Random(1)
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        for _ in range(_CONNECTIONS):
            one = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[one.fileno()] = one
            self._poll.register(one, select.EPOLLIN)
        self._free = deque(self._sockets)
        self._due: dict[int, float] = {}
        self._received: dict[int, bytes] = {}
        self._took: list[float] = []

    def run(self, rate: float, seconds: float) -> list[float]:
        """Ask for so long, and give what each answer took."""
        n, sent, started = int(rate * seconds), 0, time.perf_counter()
        while len(self._took) < n:
            now = time.perf_counter()
            while sent < n and self._free and started + sent / rate <= now:
                self._send(started + sent / rate)
                sent += 1
            for descriptor, _ in self._poll.poll(0):
                self._take(descriptor)
            if now > started + seconds + _PATIENCE_SECONDS:
                raise RuntimeError(f"{n - len(self._took):,} of {n:,} requests were not answered")
        return self._took

    def close(self) -> None:
        """Close all connections."""
        self._poll.close()
        for one in self._sockets.values():
            one.close()

    def _send(self, due: float) -> None:
        descriptor = self._free.popleft()
        path = self._asked.path(self._random.randint(1, self._asked.n))
        self._due[descriptor], self._received[descriptor] = due, b""
        self._sockets[descriptor].sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def _take(self, descriptor: int) -> None:
        piece = self._sockets[descriptor].recv(1 << 16)
        if not piece:
            raise RuntimeError("the server closed a connection")
        self._received[descriptor] = received = self._received[descriptor] + piece
        head, end, body = received.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.partition(b"content-length: ")[2].partition(b"\r")[0]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(received.decode())
        self._took.append(time.perf_counter() - self._due[descriptor])
        self._free.append(descriptor)
