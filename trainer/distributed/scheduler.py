"""Dask's scheduler in this process, and how it takes leave of its workers."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import dask
from distributed import Client, LocalCluster, Scheduler, Security

from runtime.errors import TryAgainError
from trainer.distributed.settings import DistributedSettings

log = logging.getLogger(__name__)

# What a worker is told that may end well. One that hears anything else, or nothing, waits for the next scheduler.
WORK_IS_DONE: Final = "scheduler-close-worker"
_LEAVE_SECONDS: Final = 10.0


@contextmanager
def scheduler_here(settings: DistributedSettings, security: Security) -> Iterator[LocalCluster]:
    """Run a scheduler at this pod's address that only holders of the run's certificate can speak to.

    Its dashboard is for this machine alone, which `kubectl port-forward` reaches; Dask asks nobody there who he is.
    Where the block ends well the workers are told that they are done. Where it raises they are not: the run that
    comes next has use for them.
    """
    with dask.config.set({"distributed.scheduler.no-workers-timeout": f"{settings.dask_wait_seconds}s"}):
        cluster = LocalCluster(
            n_workers=0,
            host=settings.pod_ip,
            scheduler_port=settings.dask_port,
            dashboard_address=f"127.0.0.1:{settings.dask_dashboard_port}",
            security=security,
            silence_logs=False,
        )
    with cluster:
        yield cluster
        cluster.sync(_send_workers_home, cluster.scheduler)


@contextmanager
def workers_joined(cluster: LocalCluster, settings: DistributedSettings) -> Iterator[Client]:
    """Give a client once there is a worker; more may join, and leave, at any time.

    Raises TryAgainError where none comes in time.
    """
    with Client(cluster) as client:
        _wait_for_worker(client, settings)
        log.info("Workers join at %s", cluster.scheduler_address, extra={"event": "workers_joined"})
        yield client


def _wait_for_worker(client: Client, settings: DistributedSettings) -> None:
    try:
        client.wait_for_workers(1, timeout=settings.dask_wait_seconds)
    except TimeoutError:
        raise TryAgainError(f"no worker came within {_waited(settings)}", hint=_where_to_look(settings)) from None


async def _send_workers_home(scheduler: Scheduler) -> None:
    """Tell the workers that the work is done, and wait until they have gone, or for as long as that may take."""
    for address in list(scheduler.workers):
        scheduler.close_worker(address)
    with suppress(TimeoutError):
        async with asyncio.timeout(_LEAVE_SECONDS):
            while scheduler.workers:  # noqa: ASYNC110 (Dask has no event that tells it)
                await asyncio.sleep(0.05)


def _waited(settings: DistributedSettings) -> str:
    return f"{settings.dask_wait_seconds:.0f} s (DASK_WAIT_SECONDS)"


def _where_to_look(settings: DistributedSettings) -> str:
    selected = f"batch.kubernetes.io/job-name={settings.job_name}"
    return f"`kubectl get pods --selector {selected}` shows what the workers wait for, or how they ended"
