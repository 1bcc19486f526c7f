"""The health report: what was seen and found, and the status that follows."""

from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from model.figures import Figures
from monitor.agreement import Serving
from monitor.checks import Finding, Severity
from monitor.observation import Observation
from monitor.schedule import Schedule, suggested_schedule
from registry.history import write_health
from registry.objects import ObjectStore, StoreRefusedError, StoreUnavailableError


class Status(StrEnum):
    """Issues make a model unhealthy, warnings alone degraded."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    UNHEALTHY = "UNHEALTHY"


@dataclass(frozen=True)
class Report:
    """An observation and what was found in it."""

    store: str
    seen: Observation
    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        """The status that the worst finding gives."""
        severities = {finding.severity for finding in self.findings}
        if Severity.ISSUE in severities:
            return Status.UNHEALTHY
        return Status.DEGRADED if severities else Status.HEALTHY

    @property
    def schedule(self) -> Schedule | None:
        """How often a shop of this size should train; None where the size is not known."""
        return suggested_schedule(self.seen.figures.n_users) if self.seen.figures else None

    def of(self, severity: Severity) -> list[Finding]:
        """Give the findings of one severity."""
        return [finding for finding in self.findings if finding.severity is severity]


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
        "warnings": [_plain(finding) for finding in report.of(Severity.WARNING)],
        "issues": [_plain(finding) for finding in report.of(Severity.ISSUE)],
    }


def save(report: Report, store: ObjectStore) -> Report:
    """Write health.json; where the store refuses it, the report that is given back says so."""
    try:
        write_health(store, as_json(report))
    except (StoreRefusedError, StoreUnavailableError) as error:
        finding = Finding("health_json", Severity.WARNING, f"health.json was not written: {error}")
        return replace(report, findings=(*report.findings, finding))
    return report


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


def _plain(finding: Finding) -> dict[str, str]:
    return {"check": finding.check, "message": finding.message}
