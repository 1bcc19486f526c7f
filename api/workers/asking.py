"""Questions between the processes of a pod, over Unix sockets in a folder that only their own user may enter.

A connection has one question, a line of JSON, and one answer, the JSON up to its end.
"""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from runtime.errors import TryAgainError

Question = Mapping[str, object]
Answer = Any  # what JSON can tell


class NoAnswerError(TryAgainError):
    """Another process of the pod did not answer."""


class NobodyThereError(NoAnswerError):
    """There is no such process now: it has not begun to serve, or it has ended."""


def ask(path: Path, question: Question, seconds: float) -> Answer:
    """Ask and wait, for threads that may. Raises NoAnswerError, NobodyThereError."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(str(path))
            connection.sendall(_line(question))
            with connection.makefile("rb") as file:
                return json.loads(file.read())
    except (OSError, ValueError) as error:
        raise _no_answer(path, error) from None


async def ask_soon(path: Path, question: Question, seconds: float) -> Answer:
    """Ask from the event loop. Raises NoAnswerError, NobodyThereError."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_unix_connection(path)
            with closing(writer):
                writer.write(_line(question))
                return json.loads(await reader.read())
    except (OSError, ValueError) as error:
        raise _no_answer(path, error) from None


async def answer_at(path: Path, answer: Callable[[Question], Awaitable[Answer]]) -> asyncio.Server:
    """Answer questions on the event loop. A socket that a process left there that was killed, asyncio removes."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whoever asks may have lost patience.
        with closing(writer), suppress(OSError, ValueError):
            question = json.loads(await reader.readline())
            writer.write(json.dumps(await answer(question)).encode())
            await writer.drain()

    return await asyncio.start_unix_server(take, path)


def answer_one(listener: socket.socket, answer: Callable[[Question], Answer], seconds: float) -> None:
    """Answer one question that waits, in a process without an event loop."""
    with suppress(OSError, ValueError):
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as file:
            connection.settimeout(seconds)
            connection.sendall(json.dumps(answer(json.loads(file.readline()))).encode())


def _line(question: Question) -> bytes:
    return json.dumps(question).encode() + b"\n"


def _no_answer(path: Path, error: Exception) -> NoAnswerError:
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        return NobodyThereError(f"{path.name} is not serving now", hint="It is started soon")
    return NoAnswerError(f"{path.name} does not answer: {str(error) or 'it takes too long'}", hint="Ask again")
