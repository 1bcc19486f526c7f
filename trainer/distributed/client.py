"""The way to Dask's workers, wherever DASK says that they are."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import dask
from distributed import Client, Security
from distributed.comm.core import connect

from runtime.errors import BadSettingsError, TryAgainError
from trainer.distributed.local import local_workers
from trainer.distributed.logs import calm_dask
from trainer.distributed.settings import JOB, LOCAL
from trainer.settings import TrainerSettings, usable_processors

_ANSWER_SECONDS: Final = 30
# A worker that does not speak for so long is taken for dead, and its work is done by others.
_CONFIGURATION: Final = {
    "distributed.scheduler.worker-ttl": "60s",
    # Arrays of the kernel and mapped files count as a process's memory, and are none of Dask's to spill.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.large-graph-warning-threshold": "1GB",
}


@dataclass(frozen=True)
class Connected:
    """Dask's client, how many threads a task may use (None: all of its worker's), and whether nobody can listen."""

    client: Client
    threads: int | None
    is_private: bool


@contextmanager
def connected(settings: TrainerSettings) -> Iterator[Connected]:
    """Go to the workers that DASK names, and start them where they are this run's own.

    Raises TryAgainError where no scheduler answers, or no worker comes.
    """
    where = settings.dask or LOCAL
    calm_dask()
    patience = {"distributed.scheduler.no-workers-timeout": f"{settings.dask_wait_seconds}s"}
    with dask.config.set({**_CONFIGURATION, **patience}):
        if where == JOB:
            from trainer.distributed.job import cluster_of_job  # noqa: PLC0415 (it needs the kubernetes client)

            with cluster_of_job(settings) as client:
                yield Connected(client, None, is_private=True)
        elif where.startswith(LOCAL):
            n = int(where.partition(":")[2] or usable_processors())
            with local_workers(n, settings.spill_folder) as client:
                yield Connected(client, max(1, usable_processors() // n), is_private=True)
        else:
            with _elsewhere(where) as client:
                yield Connected(client, 1, is_private=where.startswith("tls://"))


@contextmanager
def _elsewhere(address: str) -> Iterator[Client]:
    """Go to a Dask cluster that somebody else runs, with the certificates that Dask's own configuration names."""
    try:
        asyncio.run(asyncio.wait_for(_knock(address), _ANSWER_SECONDS + 1))
        client = Client(address, timeout=_ANSWER_SECONDS, set_as_default=False)
    except OSError as error:
        reason = " ".join(str(error).split()) or "it takes connections, and says nothing"
        raise TryAgainError(
            f"no scheduler of Dask answers at {address}: {reason}", hint="Is it up, and DASK its address?"
        ) from None
    except (TypeError, ValueError) as error:
        hint = "tls:// takes the certificates that Dask's configuration names: DASK_DISTRIBUTED__COMM__TLS__CA_FILE"
        raise BadSettingsError(f"wrong settings: DASK={address!r}: {error}", hint=hint) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_ANSWER_SECONDS)
        except TimeoutError:
            raise TryAgainError(f"the scheduler at {address} has no worker", hint="Start some: dask worker") from None
        yield client


async def _knock(address: str) -> None:
    """Wait until somebody answers as Dask does: a client waits for ever for who takes its connection and is silent."""
    answering = await connect(address, timeout=_ANSWER_SECONDS, **Security().get_connection_args("client"))
    await answering.close()
