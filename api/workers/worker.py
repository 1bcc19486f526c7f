"""One worker of a pod: it serves as a single one does, answers the others' questions, and ends with its parent."""

import gc
import logging
import os
import socket
import threading
import time
from contextlib import suppress
from typing import Final

import uvicorn
from fastapi.concurrency import run_in_threadpool

from api.app import create_app
from api.draining import DrainingServer
from api.server import server_config
from api.services import Services
from api.settings import ApiSettings
from api.workers.asking import Answer, Question, answer_at
from api.workers.place import Place
from api.workers.siblings import STATE, WorkerState
from registry.objects import ObjectStore
from runtime.errors import Exit, RecommenderError

_TICKS_A_BEAT: Final = 10
_BEAT: Final = b"."
_MARGIN_SECONDS: Final = 5


def work(settings: ApiSettings, store: ObjectStore, listener: socket.socket, place: Place, line: socket.socket) -> Exit:
    """Serve until a signal ends this process, or its parent is gone, to whom `line` leads."""
    _number_log_lines(place.number)
    app = create_app(settings, store, None, place)
    server = WorkerServer(server_config(app, settings), settings.drain_seconds, app.state.services, place, line)
    threading.Thread(target=_end_with_parent, args=(line, server, settings), name="parent", daemon=True).start()
    gc.freeze()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        # uvicorn's end in good order; the parent tells of it.
        return Exit.DONE
    except SystemExit:
        return Exit.FAILED
    return Exit.DONE


class WorkerServer(DrainingServer):
    """A server that the others of its pod ask, and that tells its parent each second that it does not hang."""

    def __init__(
        self, config: uvicorn.Config, drain_seconds: float, services: Services, place: Place, line: socket.socket
    ) -> None:
        super().__init__(config, drain_seconds)
        self._services, self._place, self._line = services, place, line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer the others before the store is asked anything: whom they cannot tell something learns it there."""
        self._answering = await answer_at(self._place.folder.worker(self._place.number), self._answer)
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer the others to the end."""
        await super().shutdown(sockets)
        self._answering.close()

    async def on_tick(self, counter: int) -> bool:
        """Tell the parent; it may be gone."""
        if counter % _TICKS_A_BEAT == 0:
            with suppress(OSError):
                self._line.send(_BEAT, socket.MSG_DONTWAIT)
        return await super().on_tick(counter)

    async def _answer(self, question: Question) -> Answer:
        services = self._services
        match question["ask"]:
            case "state":
                return STATE.dump_python(WorkerState.of(services.models.state), mode="json")
            case "figures":
                return self._place.siblings.figures(services.telemetry).tell()
            case "look":
                return await run_in_threadpool(_look, services)
            case "poke":
                services.follower.poke()
            case "wake":
                services.follower.wake()
        return None


def _look(services: Services) -> str | None:
    """Learn who was erased; give why that failed."""
    try:
        services.follower.erased.look()
    except RecommenderError as error:
        return str(error)
    return None


def _end_with_parent(line: socket.socket, server: uvicorn.Server, settings: ApiSettings) -> None:
    """Wait until the parent is gone, and end then: in good order, or by force where that takes too long."""
    line.recv(1)
    server.should_exit = True
    time.sleep(settings.shutdown_seconds + _MARGIN_SECONDS)
    os._exit(Exit.FAILED)


def _number_log_lines(number: int) -> None:
    """Have each line in JSON tell which worker wrote it."""

    def add(record: logging.LogRecord) -> bool:
        record.worker = number
        return True

    for handler in logging.getLogger().handlers:
        handler.addFilter(add)
