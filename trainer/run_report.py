"""Tells the cluster how a run ended: an Event on the CronJob, and the container's termination message."""

import logging
from collections.abc import Callable
from typing import Final

from cluster.settings import ClusterSettings
from cluster.termination import Termination, write_termination
from registry.history import Outcome, Run
from runtime.errors import RecommenderError
from trainer.outcomes import outcome_of

log = logging.getLogger(__name__)

_REASONS: Final = {
    Outcome.PROMOTED: "ModelPromoted",
    Outcome.REJECTED: "ModelRejected",
    Outcome.INVALID: "DataInvalid",
    Outcome.FAILED: "TrainingFailed",
    Outcome.ROLLED_BACK: "ModelRolledBack",
    Outcome.PUBLISHED: "ModelPublished",
}
_EXPECTED: Final = {Outcome.PROMOTED, Outcome.PUBLISHED}


def report_run(run: Callable[[], Run]) -> None:
    """Run the trainer; where it runs in a cluster, tell that how it ended, whatever ended it."""
    settings = ClusterSettings.load()
    try:
        ended = run()
    except BaseException as error:
        outcome = outcome_of(error)
        reason = str(error) or "stopped by a signal before it was done"
        _tell(settings, outcome, Termination(outcome.value, error=reason), reason)
        raise
    sentence = f"Model {ended.version} {ended.outcome} after {ended.duration_seconds:.1f} s"
    if ended.reason:
        sentence += f". {ended.reason}"
    _tell(settings, ended.outcome, Termination(ended.outcome.value, ended.version), sentence)


def _tell(settings: ClusterSettings, outcome: Outcome, termination: Termination, sentence: str) -> None:
    """Tell the cluster. Where that fails, the run's own outcome matters more, so it is only logged."""
    if settings.cluster_namespace is None:
        return
    try:
        _record(settings, outcome, sentence)
    except RecommenderError as error:
        log.warning("The CronJob has no Event of this run: %s", error)
    try:
        write_termination(termination)
    except OSError as error:
        log.warning("The pod has no termination message: %s", error)


def _record(settings: ClusterSettings, outcome: Outcome, sentence: str) -> None:
    from cluster.connection import connect  # noqa: PLC0415 (the kubernetes client takes 0.3 s to import)
    from cluster.events import EventType, record_event  # noqa: PLC0415

    kind = EventType.NORMAL if outcome in _EXPECTED else EventType.WARNING
    record_event(connect(settings), settings.trainer_cronjob, settings.pod_name, kind, _REASONS[outcome], sentence)
