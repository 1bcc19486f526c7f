"""Runs of the trainer as Jobs made of its CronJob: they outlive this server, and every replica can tell of them."""

import logging
from functools import cached_property
from typing import TYPE_CHECKING

from api.training_runs import RunState, RunUnderWayError, TrainerMissingError, TrainingRun
from cluster.settings import ClusterSettings
from runtime.errors import BadSettingsError

if TYPE_CHECKING:
    from cluster.jobs import JobReport, TrainingJobs

log = logging.getLogger(__name__)


class ClusterRuns:
    """Starts Jobs and reads how they go."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._settings = settings

    @cached_property
    def _jobs(self) -> "TrainingJobs":
        """Connect when it is asked for: the client takes a second and 28 MB, and few replicas ever need it."""
        from cluster.connection import connect  # noqa: PLC0415
        from cluster.jobs import TrainingJobs  # noqa: PLC0415

        return TrainingJobs(connect(self._settings), self._settings.trainer_cronjob)

    def start(self) -> str:
        """Make a Job and give its name.

        Raises RunUnderWayError, which names a Job that has not ended, whoever made it; TrainerMissingError where this
        server may not make one; ClusterUnavailableError.
        """
        try:
            under_way = self._jobs.under_way()
            if under_way is not None:
                raise RunUnderWayError(under_way)
            name = self._jobs.new_name()
            self._jobs.start(name)
        except BadSettingsError as error:
            raise TrainerMissingError(error.message, hint=error.hint) from None
        log.info("Started Job %s", name, extra={"job": name})
        return name

    def get(self, run_id: str) -> TrainingRun | None:
        """Describe a Job, None where the CronJob has no such Job, or it was cleaned up."""
        report = self._jobs.describe(run_id)
        return None if report is None else _described(report)

    def under_way(self) -> TrainingRun | None:
        """Describe the newest Job that has not ended, whoever made it, None where there is none."""
        name = self._jobs.under_way()
        return None if name is None else self.get(name)

    def stop(self) -> None:
        """Do nothing: Jobs do not end with the server."""


def _described(report: "JobReport") -> TrainingRun:
    return TrainingRun(
        run_id=report.name,
        state=_STATES[report.succeeded],
        started_at=report.started_at,
        finished_at=report.finished_at,
        exit_code=report.exit_code,
        outcome=report.said.outcome,
        version=report.said.version,
        error=report.said.error,
        messages=report.waits_for,
    )


_STATES = {None: RunState.RUNNING, True: RunState.SUCCEEDED, False: RunState.FAILED}
