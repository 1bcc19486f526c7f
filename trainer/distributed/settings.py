"""Where a process of a distributed run is, and how the others are reached."""

import re
import tempfile
from pathlib import Path
from typing import Final

from pydantic import Field, field_validator

from cluster.errors import NotInClusterError
from cluster.settings import LEADING_INDEX, ClusterSettings

# The value of `dask` that says: the workers are the other pods of this pod's Job.
JOB: Final = "job"
LOCAL: Final = "local"
_WHERE: Final = re.compile(rf"{LOCAL}(:[1-9]\d{{0,3}})?|(tcp|tls)://\S+:\d+|{JOB}")


class DistributedSettings(ClusterSettings):
    """The chart sets these where it has workers; by default everything is on this machine.

    `dask_host` is the leading pod as the others know it, `pod_ip` the address of this one.
    """

    dask: str | None = None
    job_name: str | None = None
    job_completion_index: int = Field(default=LEADING_INDEX, ge=0)
    pod_ip: str = "127.0.0.1"
    dask_host: str = "127.0.0.1"
    dask_port: int = Field(default=8786, ge=0, le=65535)
    dask_dashboard_port: int = Field(default=8787, ge=0, le=65535)
    dask_secret: str = "trainer-dask"  # noqa: S105 (the name of one)
    dask_wait_seconds: float = Field(default=300.0, gt=0, le=86_400)

    @field_validator("dask")
    @classmethod
    def _check_dask(cls, where: str | None) -> str | None:
        if where is not None and not _WHERE.fullmatch(where):
            raise ValueError("may be local, local:N, tcp://HOST:PORT, tls://HOST:PORT, or job in a pod of such a Job")
        return where

    @property
    def is_leading(self) -> bool:
        """Whether this is the pod that runs the pipeline, as any process outside of such a Job is."""
        return self.job_completion_index == LEADING_INDEX

    @property
    def is_left_to_leading_pod(self) -> bool:
        """Whether the run that this process was started for is another pod's."""
        return self.dask == JOB and not self.is_leading


class WorkerSettings(DistributedSettings):
    """The settings of a worker's process; the work that it is given brings its own."""

    spill_folder: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()))

    def check_is_in_job(self) -> None:
        """Raise NotInClusterError where nothing says that this is a pod of a Job, the leading one or another."""
        if self.job_name is None and "job_completion_index" not in self.model_fields_set:
            raise NotInClusterError(
                "JOB_NAME and JOB_COMPLETION_INDEX are not set: this process is in no pod of a Job, so that there is "
                "no run to work for",
                hint="The chart starts workers itself where trainer.distributed.workers is above 0; on one machine, "
                "`python -m trainer --dask local` does",
            )
