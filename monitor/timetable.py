"""Whether the trainer's CronJob started the runs that it should have."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

from cluster.errors import ClusterRefusedError, ClusterUnavailableError, NotInClusterError
from monitor.cron import BadCronLineError, CronLine
from monitor.settings import MonitorSettings

if TYPE_CHECKING:
    from cluster.cronjob import CronJobState

# The controller looks every few seconds; a run that may start later than this is waited for as long as it may.
_LEAST_GRACE: Final = timedelta(minutes=5)
# Whoever missed more missed enough, and to look through years of minutes takes time.
_MOST_MISSED: Final = 100
_MOST_DAYS: Final = timedelta(days=400)


@dataclass(frozen=True)
class Timetable:
    """A CronJob's schedule and how many runs it missed in a row: None where the schedule cannot be read.

    `trouble`: why the cluster could not be asked.
    """

    name: str
    schedule: str = ""
    is_suspended: bool = False
    n_missed: int | None = None
    trouble: str = ""


def observe_timetable(settings: MonitorSettings, at: datetime) -> Timetable | None:
    """Look at the trainer's CronJob; None: no cluster."""
    if settings.cluster_namespace is None:
        return None
    from cluster.connection import connect  # noqa: PLC0415 (the client takes 0.3 s to import)
    from cluster.cronjob import CronJobState, read_cronjob  # noqa: PLC0415

    name = settings.trainer_cronjob
    try:
        return timetable_of(CronJobState.of(read_cronjob(connect(settings), name)), at)
    except (ClusterUnavailableError, ClusterRefusedError, NotInClusterError) as error:
        return Timetable(name, trouble=str(error))


def timetable_of(cronjob: "CronJobState", at: datetime) -> Timetable:
    """Judge a CronJob as it is: which runs were due since the last one, and have not begun."""
    return Timetable(cronjob.name, cronjob.schedule, cronjob.is_suspended, _n_missed(cronjob, at))


def _n_missed(cronjob: "CronJobState", at: datetime) -> int | None:
    if cronjob.n_active:
        return 0  # the schedule waits for its end
    try:
        line = CronLine.of(cronjob.schedule, cronjob.time_zone)
    except BadCronLineError:
        return None
    since = max(cronjob.last_scheduled_at or cronjob.created_at, at - _MOST_DAYS)
    until = at - max(cronjob.starts_within or timedelta(0), _LEAST_GRACE)
    return sum(1 for _ in islice(line.times(since, until), _MOST_MISSED))
