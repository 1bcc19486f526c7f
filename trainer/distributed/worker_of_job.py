"""The worker's process as pods of an Indexed Job run it: which run it is of is Kubernetes' to say."""

from trainer.distributed.certificates import RunCertificate
from trainer.distributed.job import secret_of
from trainer.distributed.logs import calm_dask
from trainer.distributed.settings import WorkerSettings
from trainer.distributed.worker import work


class _RunOfJob:
    """The run of this pod's Job."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._secret = secret_of(settings)

    def certificate(self) -> RunCertificate | None:
        files = self._secret.read()
        return None if files is None else RunCertificate.of_files(files)

    def is_over(self) -> bool:
        return self._secret.job.is_over(self._secret.connection)


def work_for_job(settings: WorkerSettings) -> None:
    """Work for this pod's Job until its run is done. Raises TryAgainError, NotInClusterError, ClusterRefusedError."""
    calm_dask()
    work(settings, _RunOfJob(settings))
