"""Runs of the trainer as Jobs made of its CronJob: they outlive this server, and every replica can tell of them."""

import logging

from api.training_runs import RunState, RunUnderWayError, TrainerMissingError, TrainingRun
from cluster.connection import Connection
from cluster.jobs import JobReport, TrainingJobs
from runtime.errors import BadSettingsError

log = logging.getLogger(__name__)


class ClusterRuns:
    """Starts Jobs and reads how they go."""

    def __init__(self, connection: Connection, cronjob: str) -> None:
        self._jobs = TrainingJobs(connection, cronjob)

    def start(self) -> str:
        """Make a Job and give its name.

        Raises RunUnderWayError, which names a Job that has not ended, whoever made it; TrainerMissingError where this
        server may not make one; ClusterUnavailableError.
        """
        try:
            under_way = self._jobs.under_way()
            if under_way is not None:
                raise RunUnderWayError(under_way)
            name = self._jobs.start()
        except BadSettingsError as error:
            raise TrainerMissingError(error.message, hint=error.hint) from None
        log.info("Started Job %s", name, extra={"job": name})
        return name

    def get(self, run_id: str) -> TrainingRun | None:
        """Describe a Job, None where the CronJob has no such Job, or it was cleaned up."""
        report = self._jobs.describe(run_id)
        return None if report is None else _described(report)

    def stop(self) -> None:
        """Do nothing: Jobs do not end with the server."""


def _described(report: JobReport) -> TrainingRun:
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
