"""The parent and its processes, without a server in them."""

import subprocess
import sys
from pathlib import Path

import pytest

from api.workers.supervisor import Pause
from tests.api.live import REPOSITORY

SUPERVISE = """
import logging, os, signal, socket, sys, time
from pathlib import Path
from api.workers.supervisor import Supervisor
from runtime.errors import Exit
folder = Path(sys.argv[1])
logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stdout)

def work(number, line):
    (folder / str(os.getpid())).touch()
    n_lives = len(list(folder.iterdir()))
    {work}

with socket.socket() as served, socket.socket() as asked:
    asked.bind(("127.0.0.1", 0))
    asked.listen()
    sys.exit(Supervisor(work, 1, (served, asked), dict, hang_seconds=0.5).run())
"""
HANG = """
    if n_lives < 2:
        line.send(b".")
        time.sleep(60)
    os.kill(os.getppid(), signal.SIGTERM)
    return Exit.DONE
"""
DIE = """
    line.send(b".")
    if n_lives < 4:
        os.kill(os.getpid(), signal.SIGSEGV)
    os.kill(os.getppid(), signal.SIGTERM)
    return Exit.DONE
"""
BAD = """
    return Exit.BAD_SETTINGS
"""


def supervise(folder: Path, work: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-c", SUPERVISE.replace("{work}", work.strip()), str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_a_worker_that_hangs_is_ended_and_replaced(tmp_path: Path) -> None:
    assert supervise(tmp_path, HANG) == (
        0,
        [
            "Worker 1 hangs for 0 s and is ended",
            "Worker 1 was ended by SIGKILL, and another one is started in its place now",
        ],
    )


def test_a_worker_that_keeps_dying_is_started_later_each_time(tmp_path: Path) -> None:
    again = "Worker 1 was ended by SIGSEGV, and another one is started in its place"
    assert supervise(tmp_path, DIE) == (0, [f"{again} now", f"{again} in 1 s", f"{again} in 2 s"])


def test_workers_that_never_serve_end_the_parent_with_their_exit_code(tmp_path: Path) -> None:
    code, lines = supervise(tmp_path, BAD)
    assert code == 64
    assert len(lines) == 5
    assert lines[-1] == "Worker 1 ended with exit code 64: no worker can be started, so all end"


@pytest.mark.parametrize(
    ("lives", "pauses"),
    [
        ([1] * 10, [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]),
        ([1, 1, 1, 3600, 1, 1], [0, 1, 2, 0, 1, 2]),
        ([3600] * 3, [0, 0, 0]),
    ],
)
def test_a_long_life_makes_up_for_short_ones(lives: list[float], pauses: list[float]) -> None:
    pause = Pause()
    assert [pause.after(lived) for lived in lives] == pauses
