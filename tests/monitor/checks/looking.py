"""Looking at an observation as the monitor does, in few words."""

from datetime import UTC, datetime
from typing import Any

from monitor.checks.judgement import Judgement, Verdict
from monitor.judging import judge
from monitor.observation import Observation
from monitor.settings import MonitorSettings
from registry.history import Outcome, Run


def found(seen: Observation, **limits: object) -> list[tuple[str, Verdict]]:
    """Give the checks that are not in order."""
    results = judge(seen, MonitorSettings.load(**limits))
    return [(result.check, result.verdict) for result in results if result.verdict is not Verdict.OK]


def message(seen: Observation, **limits: object) -> str:
    """Give what the only check says that is not in order."""
    results = judge(seen, MonitorSettings.load(**limits))
    (unwell,) = [result for result in results if result.verdict is not Verdict.OK]
    return unwell.message


def judged(seen: Observation, check: str, **limits: object) -> Judgement:
    """Give what one check says."""
    results = judge(seen, MonitorSettings.load(**limits))
    return next(result.judgement for result in results if result.check == check)


def a_run(outcome: Outcome = Outcome.PROMOTED, **told: Any) -> Run:  # noqa: ANN401 (fields of Run)
    """A run of now that took 1.5 seconds, unless told otherwise."""
    return Run(**{"timestamp": datetime.now(UTC), "outcome": outcome, "duration_seconds": 1.5, **told})
