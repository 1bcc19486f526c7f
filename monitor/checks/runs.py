"""Whether runs of the trainer take place, and end well."""

from collections.abc import Collection
from itertools import takewhile
from typing import Final

from monitor.checks.judgement import Gauge, Judgement, fine, not_judged, warning
from monitor.observation import Observation
from monitor.settings import MonitorSettings
from registry.history import Outcome, Run

_LOOK_AT_RUN: Final = "Look at the trainer's log; the model in service stays there"
_SHOW_RUNS: Final = "`python -m monitor --action runs` shows them"
# The outcomes that a person should look at, in words.
_ENDED: Final = {
    Outcome.FAILED: "failed",
    Outcome.INVALID: "found invalid data",
    Outcome.REJECTED: "was rejected",
    Outcome.ROLLED_BACK: "was rolled back",
}
_FAILURES: Final = frozenset({Outcome.FAILED, Outcome.INVALID, Outcome.ROLLED_BACK})


def last_run(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether the last run made a model that went live, or was to be looked at only."""
    run = seen.last_run
    if run is None:
        return not_judged("no run is recorded")
    if run.outcome not in _ENDED:
        return fine(f"The last run was {run.outcome}")
    reason = f": {' '.join(run.reason.split())}" if run.reason else ""
    return warning(f"{f'The last run {_ENDED[run.outcome]}{reason}'.rstrip('.')}. {_LOOK_AT_RUN}")


def history(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether metrics.json can be read."""
    if seen.history_is_damaged:
        return warning("metrics.json is damaged: the next run sets it aside and begins a new one")
    return fine(f"metrics.json tells of {len(seen.runs):,} runs")


def failed_runs(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether runs do not fail one after the other."""
    n_runs, most = _newest_in_a_row(seen.runs, _FAILURES), limits.max_failed_runs
    found = Gauge(n_runs, most, "runs")
    if n_runs > most:
        told = f"The last {n_runs} runs failed, and MAX_FAILED_RUNS is {most}"
        return found.fail(f"{told}: nothing renews the model. {_SHOW_RUNS}")
    return found.ok(f"{n_runs} of the newest runs failed in a row" if n_runs else "The last run did not fail")


def rejected_runs(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the gate does not reject one model after the other."""
    n_runs, most = _newest_in_a_row(seen.runs, {Outcome.REJECTED}), limits.max_rejected_runs
    found = Gauge(n_runs, most, "runs")
    if n_runs > most:
        told = f"The gate rejected the last {n_runs} models, and MAX_REJECTED_RUNS is {most}"
        return found.warn(f"{told}. Has the shop changed, or its data? {_SHOW_RUNS}")
    return found.ok(f"The gate rejected the last {n_runs}" if n_runs else "The gate did not reject the last model")


def unpromoted_runs(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether, however runs end, one now and then puts a model in service."""
    n_runs, most = _newest_in_a_row(seen.runs, frozenset(_ENDED)), limits.max_unpromoted_runs
    found = Gauge(n_runs, most, "runs")
    if n_runs > most:
        told = f"None of the last {n_runs} runs put a model in service, and MAX_UNPROMOTED_RUNS is {most}"
        return found.warn(f"{told}. {_SHOW_RUNS}")
    return found.ok(f"{n_runs} runs since a model was put in service")


def missed_runs(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the CronJob starts runs when its schedule says so."""
    timetable = seen.timetable
    if timetable is None:
        return not_judged("there is no cluster that starts runs")
    if timetable.trouble:
        return warning(f"Whether the CronJob starts runs is not known: {timetable.trouble}")
    if timetable.is_suspended:
        return warning(f"CronJob {timetable.name} is suspended: nothing trains by itself. Set trainer.suspend: false")
    if timetable.n_missed is None:
        return not_judged(f"the schedule {timetable.schedule!r} is none that the monitor can read")
    found = Gauge(timetable.n_missed, limits.max_missed_runs, "runs")
    if timetable.n_missed > limits.max_missed_runs:
        told = f"CronJob {timetable.name} ({timetable.schedule}) should have started {timetable.n_missed} runs"
        return found.warn(f"{told} that it did not. `kubectl describe cronjob {timetable.name}` says why")
    return found.ok(f"CronJob {timetable.name} ({timetable.schedule}) starts its runs")


def _newest_in_a_row(runs: tuple[Run, ...], outcomes: Collection[Outcome]) -> int:
    """Count the newest runs that ended so, backfills left out."""
    regular = [run for run in reversed(runs) if run.as_of is None and run.outcome is not Outcome.PUBLISHED]
    return sum(1 for _ in takewhile(lambda run: run.outcome in outcomes, regular))
