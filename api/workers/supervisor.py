"""The parent of a pod's workers: it forks them, replaces those that end, passes signals on and answers questions.

uvicorn has a supervisor too, which spawns: each worker then imports all anew, and has 47 MB to itself where a forked
one has 10. It also starts a worker that keeps dying without a pause between, does not pass on the second signal, which
ends a drain, and takes what answers a ping from a thread to be well while its event loop hangs. gunicorn forks, but
makes no pause either, and its master has no place for what a pod has once (desk).

All is done by one thread, so that a fork leaves none behind; but for a run of the trainer, which one waits for.
"""

import logging
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Final, Never

from api.workers.asking import Answer, Question, answer_one
from runtime.errors import Exit
from runtime.process import exit_code

log = logging.getLogger(__name__)

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_TICK_SECONDS: Final = 0.1
_QUESTION_SECONDS: Final = 1.0
# As long as the chart's liveness probe lets a single worker hang.
_HANG_SECONDS: Final = 60.0
_LONG_LIFE_SECONDS: Final = 60.0
_LONGEST_PAUSE_SECONDS: Final = 60.0
_MOST_FAILED_STARTS: Final = 5

# Serves as the worker of a number, which tells of its life on a socket, and gives the exit code.
Work = Callable[[int, socket.socket], Exit]


@dataclass
class Worker:
    """A process, the parent's end of its line, and when it was last heard of."""

    number: int
    pid: int
    line: socket.socket
    started_at: float = field(default_factory=time.monotonic)
    heard_at: float | None = None

    def hangs(self, now: float, seconds: float) -> bool:
        """Whether nothing was heard for too long."""
        return now - (self.heard_at or self.started_at) > seconds


@dataclass
class Pause:
    """When a worker may be started again, later each time that it does not live long."""

    until: float = 0.0
    n_short_lives: int = 0

    def after(self, lived_seconds: float) -> float:
        """Give the seconds to wait after a life: none the first time, then 1, 2, 4 and so on."""
        self.n_short_lives = self.n_short_lives + 1 if lived_seconds < _LONG_LIFE_SECONDS else 1
        seconds = min(_LONGEST_PAUSE_SECONDS, 2.0 ** (self.n_short_lives - 2)) if self.n_short_lives > 1 else 0.0
        self.until = time.monotonic() + seconds
        return seconds


class Supervisor:
    """Keeps workers going until a signal ends all, or they cannot even be started."""

    def __init__(
        self,
        work: Work,
        n_workers: int,
        sockets: tuple[socket.socket, socket.socket],
        answer: Callable[[Question], Answer],
        hang_seconds: float = _HANG_SECONDS,
    ) -> None:
        """Prepare; of `sockets` the first is served on, and the workers' questions come to the second."""
        self._work, self._answer, self._hang_seconds = work, answer, hang_seconds
        self._served, self._asked = sockets
        self._workers: dict[int, Worker] = {}
        self._pauses = {number: Pause() for number in range(1, n_workers + 1)}
        self._signals: list[int] = []
        self._n_failed_starts = 0
        self._is_ending = False
        self._code = Exit.DONE
        self._selector = selectors.DefaultSelector()

    def run(self) -> Exit:
        """Supervise until all have ended, and give the exit code."""
        self._handlers = {number: signal.signal(number, self._note) for number in _SIGNALS}
        self._selector.register(self._asked, selectors.EVENT_READ)
        while self._workers or not self._is_ending:
            self._start_those_due()
            self._listen()
            self._pass_signals_on()
            self._end_hanging()
            self._bury()
        return self._code

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)

    def _start_those_due(self) -> None:
        now = time.monotonic()
        for number, pause in self._pauses.items():
            if number not in self._workers and pause.until <= now and not self._is_ending:
                self._start(number)

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        # A signal between the fork and the child's own handlers would be lost there.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = os.fork()
        if pid == 0:
            self._be_worker(number, ours, theirs)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        theirs.close()
        self._workers[number] = Worker(number, pid, ours)
        self._selector.register(ours, selectors.EVENT_READ, number)

    def _be_worker(self, number: int, ours: socket.socket, theirs: socket.socket) -> Never:
        """Become a worker, and never return: what the parent has to do is not to be done twice."""
        code: int = Exit.FAILED
        try:
            # Ctrl-C reaches all processes of a terminal's group, and workers are to get it once, from the parent.
            os.setpgid(0, 0)
            for line in (ours, self._asked, *(worker.line for worker in self._workers.values())):
                line.close()
            self._selector.close()
            for sent, handler in self._handlers.items():
                signal.signal(sent, handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            code = exit_code(lambda: self._work(number, theirs))
        finally:
            logging.shutdown()
            os._exit(code)

    def _listen(self) -> None:
        """Wait a moment for signs of life and questions."""
        for key, _ in self._selector.select(_TICK_SECONDS):
            if key.data is None:
                answer_one(self._asked, self._answer, _QUESTION_SECONDS)
            elif self._workers[key.data].line.recv(1024):
                self._workers[key.data].heard_at = time.monotonic()
                self._n_failed_starts = 0
            else:
                self._selector.unregister(key.fileobj)

    def _pass_signals_on(self) -> None:
        while self._signals:
            # Nobody is to be taken in whom no worker will serve.
            self._served.close()
            self._is_ending = True
            self._send_all(self._signals.pop(0))

    def _send_all(self, number: int) -> None:
        for worker in self._workers.values():
            os.kill(worker.pid, number)

    def _end_hanging(self) -> None:
        now = time.monotonic()
        for worker in self._workers.values():
            if worker.hangs(now, self._hang_seconds):
                log.error("Worker %d hangs for %.0f s and is ended", worker.number, self._hang_seconds)
                os.kill(worker.pid, signal.SIGKILL)
                worker.heard_at = now

    def _bury(self) -> None:
        for worker in list(self._workers.values()):
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                del self._workers[worker.number]
                self._let_go(worker.line)
                self._judge(worker, os.waitstatus_to_exitcode(status))

    def _let_go(self, line: socket.socket) -> None:
        if line in self._selector.get_map():
            self._selector.unregister(line)
        line.close()

    def _judge(self, worker: Worker, code: int) -> None:
        """Tell of an end that nobody asked for, and see when there may be another start."""
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self._n_failed_starts += worker.heard_at is None
        if self._is_ending:
            # One that had not begun to listen to signals ends by the very one that was passed on.
            if code and -code not in _SIGNALS:
                log.error("Worker %d %s", worker.number, how)
        elif self._n_failed_starts >= _MOST_FAILED_STARTS:
            log.error("Worker %d %s: no worker can be started, so all end", worker.number, how)
            self._give_up(code)
        else:
            seconds = self._pauses[worker.number].after(time.monotonic() - worker.started_at)
            soon = f"in {seconds:.0f} s" if seconds else "now"
            log.error("Worker %d %s, and another one is started in its place %s", worker.number, how, soon)

    def _give_up(self, code: int) -> None:
        self._is_ending, self._code = True, Exit(code) if code in set(Exit) - {Exit.DONE} else Exit.FAILED
        self._send_all(signal.SIGTERM)
