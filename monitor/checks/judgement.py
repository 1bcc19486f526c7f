"""What a check says: a verdict, what it measured, what that was held against, and a sentence."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`warn` leaves the model fit for service, `fail` does not, or nothing will renew it."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Judgement:
    """One check's verdict and sentence; `value` and `threshold` are None where nothing was measured.

    What is not `judged` had nothing to judge by, and is `ok` for want of a reason for an alarm.
    """

    verdict: Verdict
    message: str
    value: float | None = None
    threshold: float | None = None
    unit: str | None = None
    judged: bool = True


@dataclass(frozen=True)
class Gauge:
    """What was measured, and what it is held against: the judgements that there may be of it."""

    value: float
    threshold: float | None = None
    unit: str | None = None

    def ok(self, message: str) -> Judgement:
        """Find it in order."""
        return self._judged(Verdict.OK, message)

    def warn(self, message: str) -> Judgement:
        """Find that somebody should look."""
        return self._judged(Verdict.WARN, message)

    def fail(self, message: str) -> Judgement:
        """Find that somebody must act."""
        return self._judged(Verdict.FAIL, message)

    def _judged(self, verdict: Verdict, message: str) -> Judgement:
        return Judgement(verdict, message, self.value, self.threshold, self.unit)


def fine(message: str) -> Judgement:
    """Find in order what is no number."""
    return Judgement(Verdict.OK, message)


def warning(message: str) -> Judgement:
    """Find that somebody should look at what is no number."""
    return Judgement(Verdict.WARN, message)


def failure(message: str) -> Judgement:
    """Find that somebody must act on what is no number."""
    return Judgement(Verdict.FAIL, message)


def not_judged(why: str) -> Judgement:
    """Say why there is nothing to judge, which is no alarm."""
    return Judgement(Verdict.OK, f"Not judged: {why}", judged=False)
