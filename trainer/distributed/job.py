"""A run inside of an Indexed Job: its leading pod runs the pipeline, the other pods are its workers."""

from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client

from cluster.connection import connect
from cluster.own_job import OwnJob
from cluster.run_certificate import RunSecret
from trainer.distributed.certificates import RunCertificate
from trainer.distributed.logs import calm_dask
from trainer.distributed.scheduler import scheduler_here, workers_joined
from trainer.distributed.settings import DistributedSettings


@contextmanager
def cluster_of_job(settings: DistributedSettings) -> Iterator[Client]:
    """Give a client of this pod's Job, once one of its workers is there.

    To be entered by one run at a time, as one that holds the lock is: the Secret is every run's. Raises TryAgainError
    where no worker comes in time, NotInClusterError outside of such a Job.
    """
    calm_dask()
    secret = secret_of(settings)
    certificate = RunCertificate.make()
    with scheduler_here(settings, certificate.security()) as cluster:
        # Only now: who finds the Secret finds the scheduler too.
        secret.write(certificate.files())
        with workers_joined(cluster, settings) as client:
            yield client


def secret_of(settings: DistributedSettings) -> RunSecret:
    """Find the Secret of this pod's Job.

    Raises NotInClusterError, ClusterRefusedError, ClusterUnavailableError.
    """
    connection = connect(settings)
    return RunSecret(connection, settings.dask_secret, OwnJob.find(connection, settings.job_name))
