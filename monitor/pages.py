"""The health report and the listings of versions and runs as a person reads them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from model.figures import Figures
from monitor.backups import Backup, Backups
from monitor.checks.judgement import Verdict
from monitor.judging import Result
from monitor.observation import Observation
from monitor.report import Report
from monitor.runs import LoggedRun, end_of_log, rows_of
from monitor.trends import Trend

_RULE: Final = "=" * 70
_UNITS: Final = ("bytes", "KB", "MB", "GB", "TB")
_THOUSAND: Final = 1000


def health_page(report: Report) -> str:
    """Render a health report."""
    lines = [("Store", report.store), *_model_lines(report.seen), *_run_lines(report), *_serving_lines(report.seen)]
    parts = [f"{_RULE}\nMODEL HEALTH: {report.status}\n{_RULE}", _aligned([*lines, ("Checks", _counts(report))])]
    if report.trends:
        parts.append(
            "Trends over the last promoted runs\n" + _aligned([_trend_line(one) for one in report.trends], "  ")
        )
    for title, verdict in (("Issues", Verdict.FAIL), ("Warnings", Verdict.WARN)):
        found = report.of(verdict)
        if found:
            parts.append(f"{title}\n{_bullets(found)}")
    if report.unwell:
        parts.append("What to do\n" + "\n".join(f"  - {one.check}: {report.runbook(one)}" for one in report.unwell))
    else:
        parts.append("No issues and no warnings")
    return "\n\n".join(parts) + "\n"


def backups_page(backups: Backups) -> str:
    """Render a listing of versions."""
    header = f"{_RULE}\nMODEL VERSIONS: {len(backups.versions)} in {backups.store}\n{_RULE}"
    parts = [header, _table(backups.versions) if backups.versions else "None yet: train one with `python -m trainer`"]
    if backups.problem:
        parts.append(f"No version is current: {backups.problem}")
    return "\n\n".join(parts) + "\n"


def runs_page(store: str, runs: Sequence[LoggedRun]) -> str:
    """Render a listing of runs, and the end of the newest one's log."""
    header = f"{_RULE}\nRUNS: the last {len(runs)} in {store}\n{_RULE}"
    parts = [header, _columns(rows_of(runs)) if runs else "None yet: train with `python -m trainer`"]
    if end_of_log(runs):
        parts.append("The end of the newest one's log\n" + "\n".join(f"  {line}" for line in end_of_log(runs)))
    return "\n\n".join(parts) + "\n"


def _model_lines(seen: Observation) -> list[tuple[str, str]]:
    lines = [("Model version", seen.pointer.version if seen.pointer else "none")]
    if seen.manifest is not None and seen.model_age_days is not None:
        lines.append(("Model age", f"{seen.model_age_days:.1f} days (made {_moment(seen.manifest.created_at)})"))
        lines.append(("Data until", _moment(seen.manifest.data_until) if seen.manifest.data_until else "unknown"))
    return lines + (_figure_lines(seen.figures) if seen.figures else [])


def _figure_lines(figures: Figures) -> list[tuple[str, str]]:
    return [
        ("Users", f"{figures.n_users:,}"),
        ("Products", f"{figures.n_products:,}"),
        ("Interactions", f"{figures.n_interactions:,}"),
        ("Sparsity", f"{figures.sparsity:.2%}"),
        ("Similarity density", f"{figures.similarity_density:.2%}"),
        ("Average similarity", f"{figures.avg_similarity:.3f}"),
    ]


def _run_lines(report: Report) -> list[tuple[str, str]]:
    lines = [("Last run", _last_run(report.seen))]
    if report.schedule:
        lines.append(("Suggested schedule", f"{report.schedule.preset} ({report.schedule.cron})"))
    return lines


def _serving_lines(seen: Observation) -> list[tuple[str, str]]:
    serving = seen.serving
    if serving is None or serving.trouble:
        return []
    right = sum(version == serving.expected for version in serving.versions.values())
    lines = [("Replicas", f"{right} of {len(serving.versions)} that are ready serve {serving.expected or 'no model'}")]
    if serving.rolling:
        lines.append(("Rollout", serving.rolling))
    return lines + ([("Healed", serving.healing.healed)] if serving.healing.healed else [])


def _last_run(seen: Observation) -> str:
    if seen.last_run is None:
        return "none recorded"
    return f"{seen.last_run.outcome}, {_moment(seen.last_run.timestamp)}, {seen.last_run.duration_seconds:.1f} s"


def _counts(report: Report) -> str:
    return ", ".join(f"{len(report.of(verdict))} {verdict}" for verdict in Verdict)


def _trend_line(trend: Trend) -> tuple[str, str]:
    change = "" if trend.change is None else f" ({trend.change:+.0%} over {len(trend.values)} runs)"
    return trend.figure, f"{_short(trend.values[-1])}{change}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= _THOUSAND or value.is_integer() else f"{value:.3g}"


def _bullets(results: list[Result]) -> str:
    return "\n".join(f"  - {result.message}" for result in results)


def _table(versions: tuple[Backup, ...]) -> str:
    header = ("VERSION", "MADE", "SIZE", "USERS x PRODUCTS", "")
    return _columns([header, *(_row(backup) for backup in versions)])


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _row(backup: Backup) -> tuple[str, str, str, str, str]:
    size = f"{backup.n_users:,} x {backup.n_products:,}" if backup.n_users and backup.n_products else "unknown"
    notes = ["current"] * backup.is_current + ["previous"] * backup.is_previous + [backup.problem or ""]
    note = ", ".join(note for note in notes if note)
    return backup.version, _moment(backup.created_at), _size(backup.size_bytes), size, note


def _size(n_bytes: int) -> str:
    size, unit = float(n_bytes), 0
    while size >= _THOUSAND and unit < len(_UNITS) - 1:
        size, unit = size / _THOUSAND, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit else f"{n_bytes} bytes"


def _aligned(lines: list[tuple[str, str]], indent: str = "") -> str:
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{indent}{name.ljust(width)}  {value}" for name, value in lines)


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
