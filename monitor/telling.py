"""Tells whoever wants to know that a model's state has changed, and of nothing else.

A channel is told once of a change: what each was told last is in health.json, so that one that could not be reached is
told at the next look.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from monitor.checks.judgement import Judgement, fine, not_judged, warning
from monitor.judging import CLUSTER_EVENTS, WEBHOOK, Result
from monitor.report import Report, Status
from runtime.errors import RecommenderError

log = logging.getLogger(__name__)

CHANNELS: Final = (WEBHOOK, CLUSTER_EVENTS)
_NOT_SET_UP: Final = not_judged("it is not set up")


@dataclass(frozen=True)
class State:
    """What counts as a change: the status, and the verdict of each check that is not in order."""

    status: Status = Status.HEALTHY
    unwell: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, report: Report) -> Self:
        """Give a report's state."""
        return cls(report.status, tuple(sorted((result.check, result.verdict.value) for result in report.unwell)))

    @classmethod
    def read(cls, told: object) -> Self:
        """Read a state as `as_json` renders it; of what is none, that all was well."""
        try:
            return cls(Status(told["status"]), tuple(sorted(told["unwell"].items())))  # type: ignore[index]  # below
        except (TypeError, KeyError, ValueError, AttributeError):
            return cls()

    def as_json(self) -> dict[str, Any]:
        """Render it for health.json."""
        return {"status": self.status, "unwell": dict(self.unwell)}


@dataclass(frozen=True)
class Change:
    """A report whose state is not what a channel was told last, and the checks that are in order again."""

    report: Report
    before: State
    recovered: tuple[str, ...]

    @classmethod
    def since(cls, before: State, report: Report) -> Self:
        """Compare a report with a state."""
        now = {result.check for result in report.unwell}
        return cls(report, before, tuple(check for check, _ in before.unwell if check not in now))


@dataclass(frozen=True)
class Channel:
    """Somebody to tell: the name, which is a check's too, and how; `tell` raises RecommenderError."""

    name: str
    tell: Callable[[Change], None]


def tell(report: Report, before: Mapping[str, Any] | None, channels: Sequence[Channel]) -> Report:
    """Tell all channels what changed since the health.json before; give the report that says how that went."""
    states = _states(before)
    told = {channel.name: _tell(channel, report, State.read(states.get(channel.name))) for channel in channels}
    results = [Result(name, told[name][0] if name in told else _NOT_SET_UP) for name in CHANNELS]
    return replace(report.adding(results), told={name: state.as_json() for name, (_, state) in told.items()})


def _tell(channel: Channel, report: Report, known: State) -> tuple[Judgement, State]:
    """Tell a channel where there is something to tell; give how that went, and what it knows now."""
    state = State.of(report)
    if state == known:
        return fine("It was told of the last change"), known
    try:
        channel.tell(Change.since(known, report))
    except RecommenderError as error:
        log.warning("Nobody was told of the change: %s", error)
        return warning(f"Nobody was told of the change, and will be at the next look: {error}"), known
    return fine("It was told that the state has changed"), state


def _states(before: Mapping[str, Any] | None) -> dict[str, Any]:
    told = (before or {}).get("told")
    return dict(told) if isinstance(told, dict) else {}
