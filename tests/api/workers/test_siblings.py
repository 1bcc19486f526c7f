"""What a worker does where another one does not answer."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.workers import siblings as module
from api.workers.asking import NoAnswerError, NobodyThereError, ask
from api.workers.folder import PodFolder
from api.workers.siblings import PodSiblings


@pytest.fixture
def folder(scratch: Path) -> PodFolder:
    return PodFolder(scratch)


@pytest.fixture
def deaf(folder: PodFolder) -> Iterator[None]:
    """Worker 2 takes questions and answers none."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder.worker(2)))
        listener.listen()
        yield


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_TELL_SECONDS", "_LOOK_SECONDS", "_WAKE_SECONDS"):
        monkeypatch.setattr(module, name, 0.1)


@pytest.mark.usefixtures("deaf")
def test_an_erasure_that_a_worker_does_not_take_is_not_told_as_done(folder: PodFolder) -> None:
    with pytest.raises(NoAnswerError, match="worker 2 does not answer"):
        PodSiblings(folder, 1, 2).look()


def test_a_worker_that_has_not_begun_to_serve_need_not_be_told(folder: PodFolder) -> None:
    PodSiblings(folder, 1, 2).look()
    with pytest.raises(NobodyThereError, match="worker 2 is not serving now"):
        ask(folder.worker(2), {"ask": "look"}, 1)


@pytest.mark.usefixtures("deaf")
def test_nothing_else_fails_for_a_worker_that_hangs(folder: PodFolder) -> None:
    siblings = PodSiblings(folder, 1, 3)
    siblings.poke()
    siblings.wake()
    states = asyncio.run(_states(siblings))
    assert [state.ready for state in states] == [False, False]
    assert [state.problem for state in states] == [
        "worker 2 does not answer: it takes too long. Ask again",
        "worker 3 is not serving now. It is started soon",
    ]


async def _states(siblings: PodSiblings) -> list[module.WorkerState]:
    return list(await siblings.states())


def test_a_process_that_was_killed_is_nobody(folder: PodFolder) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder.worker(2)))
        listener.listen()
    with pytest.raises(NobodyThereError):
        ask(folder.worker(2), {"ask": "state"}, 1)
