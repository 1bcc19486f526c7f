"""The health report: what was seen and judged, and the status that follows."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final

from model.figures import Figures
from monitor.agreement import Serving
from monitor.checks.judgement import Verdict, fine, warning
from monitor.judging import HEALTH_JSON, Result
from monitor.observation import Observation
from monitor.schedule import Schedule, suggested_schedule
from monitor.trends import Trend
from registry.history import write_health
from registry.objects import ObjectStore, StoreRefusedError, StoreUnavailableError

_DECIMALS: Final = 6


class Status(StrEnum):
    """A check that fails makes a model unhealthy, warnings alone degraded."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    UNHEALTHY = "UNHEALTHY"


@dataclass(frozen=True)
class Report:
    """An observation and what the checks say of it.

    `runbooks` is where the runbooks are, `told` what each channel of monitor/telling.py was told last.
    """

    store: str
    seen: Observation
    results: tuple[Result, ...]
    trends: tuple[Trend, ...] = ()
    runbooks: str = ""
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """The status that the worst verdict gives."""
        verdicts = {result.verdict for result in self.results}
        if Verdict.FAIL in verdicts:
            return Status.UNHEALTHY
        return Status.DEGRADED if Verdict.WARN in verdicts else Status.HEALTHY

    @property
    def schedule(self) -> Schedule | None:
        """How often a shop of this size should train; None where the size is not known."""
        return suggested_schedule(self.seen.figures.n_users) if self.seen.figures else None

    @property
    def unwell(self) -> list[Result]:
        """The results that are not in order."""
        return [result for result in self.results if result.verdict is not Verdict.OK]

    def of(self, verdict: Verdict) -> list[Result]:
        """Give the results of one verdict."""
        return [result for result in self.results if result.verdict is verdict]

    def runbook(self, result: Result) -> str:
        """Give the link to the page that says what to do about a check."""
        return f"{self.runbooks.rstrip('/')}/{result.check}.md"

    def adding(self, results: Sequence[Result]) -> "Report":
        """Give the report with further results."""
        return replace(self, results=(*self.results, *results))


def as_json(report: Report) -> dict[str, Any]:
    """Render a report as health.json holds it; what is not known is null."""
    seen = report.seen
    figures = asdict(seen.figures) if seen.figures else dict.fromkeys(field.name for field in fields(Figures))
    return {
        "status": report.status,
        "checked_at": seen.at.isoformat(timespec="seconds"),
        "store": report.store,
        "model_version": seen.pointer.version if seen.pointer else None,
        "model_created_at": seen.manifest.created_at.isoformat() if seen.manifest else None,
        "data_until": seen.manifest.data_until.isoformat() if seen.manifest and seen.manifest.data_until else None,
        "model_age_days": None if seen.model_age_days is None else round(seen.model_age_days, 3),
        **figures,
        "suggested_schedule": asdict(report.schedule) if report.schedule else None,
        "last_run": _last_run(seen),
        "serving": _serving(seen.serving),
        "warnings": [_plain(result) for result in report.of(Verdict.WARN)],
        "issues": [_plain(result) for result in report.of(Verdict.FAIL)],
        "checks": [check_as_json(report, result) for result in report.results],
        "trends": [_trend(trend) for trend in report.trends],
        "told": report.told,
    }


def check_as_json(report: Report, result: Result) -> dict[str, Any]:
    """Render one check's result."""
    judgement = result.judgement
    return {
        "check": result.check,
        "verdict": judgement.verdict,
        "judged": judgement.judged,
        "value": _number(judgement.value),
        "threshold": _number(judgement.threshold),
        "unit": judgement.unit,
        "message": judgement.message,
        "runbook": report.runbook(result),
    }


def save(report: Report, store: ObjectStore) -> Report:
    """Write health.json; the report that is given back says whether the store took it."""
    written = report.adding([Result(HEALTH_JSON, fine("health.json was written"))])
    try:
        write_health(store, as_json(written))
    except (StoreRefusedError, StoreUnavailableError) as error:
        return report.adding([Result(HEALTH_JSON, warning(f"health.json was not written: {error}"))])
    return written


def _last_run(seen: Observation) -> dict[str, Any] | None:
    if seen.last_run is None:
        return None
    wanted = {"timestamp", "outcome", "duration_seconds", "version", "reason"}
    return seen.last_run.model_dump(mode="json", include=wanted)


def _serving(serving: Serving | None) -> dict[str, Any] | None:
    if serving is None or serving.trouble:
        return None
    told = {"pinned": serving.pinned, "replicas": dict(serving.versions)}
    return {**told, "rolling": serving.rolling or None, "healed": serving.healing.healed or None}


def _plain(result: Result) -> dict[str, str]:
    return {"check": result.check, "message": result.message}


def _trend(trend: Trend) -> dict[str, Any]:
    values = [_number(value) for value in trend.values]
    slope, change = _number(trend.slope), _number(trend.change)
    return {"figure": trend.figure, "values": values, "change_per_run": slope, "change": change}


def _number(value: float | None) -> float | None:
    """Round a number; what is not finite is not known."""
    return None if value is None or not math.isfinite(value) else round(value, _DECIMALS)
