"""The monitor's last report, as the console shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from plots.lookup import number_at, text_at
from plots.wording import plain, spoken

UNKNOWN: Final = "UNKNOWN"
_KINDS: Final = {"HEALTHY": "passed", "DEGRADED": "warned", "UNHEALTHY": "rejected"}
NOT_JUDGED: Final = "not judged"
_KIND_BY_VERDICT: Final = {"fail": "rejected", "warn": "warned", NOT_JUDGED: "unjudged", "ok": "passed"}
_WORST_FIRST: Final = tuple(_KIND_BY_VERDICT)


@dataclass(frozen=True)
class CheckRow:
    """A check: `kind` is how its verdict looks. Value and threshold are empty where there are none."""

    name: str
    verdict: str
    kind: str
    value: str
    threshold: str
    message: str
    runbook: str

    @property
    def is_unwell(self) -> bool:
        """Whether somebody should look."""
        return self.verdict in ("fail", "warn")


@dataclass(frozen=True)
class HealthView:
    """The status, since when it is known, and the checks, the worst first."""

    status: str
    kind: str
    checked_at: datetime | None
    checks: tuple[CheckRow, ...]

    @property
    def unwell(self) -> tuple[CheckRow, ...]:
        """The checks that are not in order."""
        return tuple(check for check in self.checks if check.is_unwell)

    @property
    def not_judged(self) -> tuple[CheckRow, ...]:
        """The checks that had nothing to judge by."""
        return tuple(check for check in self.checks if check.verdict == NOT_JUDGED)


def health_view(report: Mapping[str, Any] | None) -> HealthView:
    """Lay out a report, whoever wrote it; what it does not tell is not shown."""
    told = report or {}
    status = text_at(told, "status")
    known = status if status in _KINDS else UNKNOWN
    checks = told.get("checks")
    rows = [_row(one) for one in checks if isinstance(one, Mapping)] if isinstance(checks, list) else []
    known_rows = [row for row in rows if row.verdict in _KIND_BY_VERDICT]
    ordered = sorted(known_rows, key=lambda row: _WORST_FIRST.index(row.verdict))
    return HealthView(known, _KINDS.get(known, "skipped"), _moment(text_at(told, "checked_at")), tuple(ordered))


def _row(check: Mapping[str, Any]) -> CheckRow:
    verdict, unit = _verdict(check), text_at(check, "unit")
    return CheckRow(
        name=spoken(text_at(check, "check")),
        verdict=verdict,
        kind=_KIND_BY_VERDICT.get(verdict, "skipped"),
        value=_measured(number_at(check, "value"), unit),
        threshold=_measured(number_at(check, "threshold"), unit),
        message=text_at(check, "message"),
        runbook=text_at(check, "runbook"),
    )


def _verdict(check: Mapping[str, Any]) -> str:
    """Give the verdict, and of what is in order only for want of anything to judge by that it was not judged."""
    verdict = text_at(check, "verdict")
    return NOT_JUDGED if verdict == "ok" and check.get("judged") is False else verdict


def _measured(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{100 * value:.3g} %" if unit == "share" else f"{plain(round(value, 2))} {unit}".strip()


def _moment(iso: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
