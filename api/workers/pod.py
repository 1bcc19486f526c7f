"""A pod of several workers, put together: its folder, what it has once, and the parent that keeps its workers going."""

import gc
import logging
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from api.child_runs import ChildRuns
from api.rate_limit import RateLimit
from api.settings import ApiSettings
from api.workers.asking import NoAnswerError, ask
from api.workers.desk import Desk
from api.workers.folder import PodFolder, pod_folder
from api.workers.place import Place
from api.workers.supervisor import Supervisor
from api.workers.worker import work
from registry.settings import open_store
from runtime.errors import Exit

log = logging.getLogger(__name__)

_POKE_SECONDS: Final = 0.5


def serve_together(settings: ApiSettings, listener: socket.socket, command: Sequence[str] | None) -> Exit:
    """Serve with API_WORKERS processes until a signal ends all; `command` starts the trainer on this machine."""
    # It takes 27 MB with its libraries, and connects when it is first asked: in each worker.
    store = open_store(settings)
    with pod_folder() as folder, socket.socket(socket.AF_UNIX) as asked:
        asked.bind(str(folder.parent))
        asked.listen()
        runs = ChildRuns(command, when_ended=lambda: _poke_all(folder, settings.api_workers))
        desk = Desk(RateLimit(settings.admin_requests_per_minute), runs)

        def work_at(number: int, line: socket.socket) -> Exit:
            return work(settings, store, listener, Place(number, settings.api_workers, folder), line)

        # So that no page with an object of theirs is copied because of a look for garbage.
        gc.collect()
        gc.freeze()
        log.info(
            "Serving %s on http://%s:%d with %d workers",
            *(settings.store_url, settings.api_host, settings.api_port, settings.api_workers),
        )
        try:
            code = Supervisor(work_at, settings.api_workers, (listener, asked), desk.answer).run()
        finally:
            runs.stop()
    log.info("Stopped")
    return code


def _poke_all(folder: PodFolder, n_workers: int) -> None:
    """Have all look at the store at once; who cannot be told looks by itself soon."""
    for number in range(1, n_workers + 1):
        with suppress(NoAnswerError):
            ask(folder.worker(number), {"ask": "poke"}, _POKE_SECONDS)
