"""A worker's process: it joins the scheduler of its run, works, and waits for the next one where that is lost."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, Never, Protocol

import dask
from distributed import Security, Worker
from distributed.comm.core import connect

from runtime.errors import TryAgainError
from trainer.distributed.certificates import RunCertificate
from trainer.distributed.scheduler import WORK_IS_DONE
from trainer.distributed.settings import WorkerSettings

log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 1.0
# How long one attempt lasts: the certificate may be of a scheduler that is gone, and is then read anew.
_KNOCK_SECONDS: Final = 5.0
_JOIN_SECONDS: Final = 30.0
# For a farewell, of the grace period that a pod has.
_LEAVE_SECONDS: Final = 10.0
# Arrays are mapped from files and made by the kernel: none of it is Dask's to count, spill or restart a worker for.
_NO_MEMORY_MANAGER: Final = {
    f"distributed.worker.memory.{threshold}": False for threshold in ("target", "spill", "pause", "terminate")
}


class RunOfWorker(Protocol):
    """The run that a worker is of, as its cluster tells."""

    def certificate(self) -> RunCertificate | None:
        """Give the run's certificate, None while there is none. Raises TryAgainError."""

    def is_over(self) -> bool:
        """Whether nobody will lead the run any more. Raises TryAgainError."""


def work(settings: WorkerSettings, run: RunOfWorker) -> None:
    """Work until the run is done.

    A scheduler that is lost is waited for by a new process: what this one was at may go on in a thread, which nothing
    else ends. Raises TryAgainError where no scheduler comes in time, and where a signal says to stop.
    """
    with dask.config.set(_NO_MEMORY_MANAGER):
        is_done = asyncio.run(_until_stopped(_take_part(settings, run)))
    if not is_done:
        _begin_anew()


async def _until_stopped(work: Coroutine[None, None, bool]) -> bool:
    """Give what the work gives, unless a signal comes first. Raises TryAgainError then."""
    working = asyncio.create_task(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        return await working
    except asyncio.CancelledError:
        raise TryAgainError("stopped by a signal; the work goes to other workers") from None


async def _take_part(settings: WorkerSettings, run: RunOfWorker) -> bool:
    """Work for the run; give whether it is over, and not the scheduler alone gone. Raises TryAgainError."""
    clock = asyncio.get_running_loop()
    deadline, trouble = clock.time() + settings.dask_wait_seconds, "there is no certificate of this run yet"
    while clock.time() < deadline:
        try:
            if await asyncio.to_thread(run.is_over):
                log.info("The run is over", extra={"event": "run_over"})
                return True
            certificate = await asyncio.to_thread(run.certificate)
            if certificate is not None:
                return await _serve(settings, certificate.security())
        except TryAgainError as error:
            trouble = str(error)
        await asyncio.sleep(_LOOK_SECONDS)
    raise TryAgainError(
        f"no scheduler came within {settings.dask_wait_seconds:.0f} s (DASK_WAIT_SECONDS): {trouble}",
        hint=f"`kubectl logs` of pod 0 of Job {settings.job_name} tells how it goes",
    )


async def _serve(settings: WorkerSettings, security: Security) -> bool:
    """Join, and work until the scheduler says that it is done (True) or is lost (False).

    Raises TryAgainError where the scheduler cannot be joined.
    """
    address = f"tls://{settings.dask_host}:{settings.dask_port}"
    await _knock(address, security)
    worker = _worker(settings, security, address)
    try:
        await worker
        log.info("Joined %s", address, extra={"event": "joined"})
        await Worker.finished(worker)
    except asyncio.CancelledError:
        with suppress(TimeoutError, OSError):
            await asyncio.wait_for(worker.close_gracefully(reason="signal"), _LEAVE_SECONDS)
        raise
    except (RuntimeError, TimeoutError, OSError) as error:
        raise TryAgainError(f"{address} was not joined: {error.__cause__ or error}") from None
    if worker.closed_for == WORK_IS_DONE:
        log.info("The work is done", extra={"event": "work_done"})
        return True
    log.warning("The scheduler is gone: waiting for the next one", extra={"event": "scheduler_lost"})
    return False


async def _knock(address: str, security: Security) -> None:
    """See whether the scheduler takes our certificate: a worker itself would try again ten times a second."""
    try:
        comm = await connect(address, timeout=_KNOCK_SECONDS, **security.get_connection_args("worker"))
    except (OSError, TimeoutError) as error:
        raise TryAgainError(f"{address} does not take our certificate, or does not answer: {error}") from None
    await comm.close()


class _Worker(Worker):
    """One that knows why it was closed."""

    closed_for: str | None = None

    async def close(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 (Dask's are not ours to name)
        """Close, without waiting for work that nobody will ask for any more."""
        self.closed_for = self.closed_for or options.get("reason")
        return await super().close(*arguments, **{"executor_wait": False, **options})


def _worker(settings: WorkerSettings, security: Security, address: str) -> _Worker:
    """Make a worker of one task at a time: the kernel uses all processors by itself."""
    return _Worker(
        address,
        nthreads=1,
        memory_limit=0,
        name=settings.pod_name,
        host=settings.pod_ip,
        local_directory=str(settings.spill_folder),
        death_timeout=_JOIN_SECONDS,
        dashboard=False,
        dashboard_address="127.0.0.1:0",
        security=security,
    )


def _begin_anew() -> Never:
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 (this very command)
