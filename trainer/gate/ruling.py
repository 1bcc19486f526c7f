"""What a rule says of a candidate."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from trainer.gate.settings import Action


class Verdict(StrEnum):
    """How a candidate did before one rule. `skipped`: there was nothing to judge by, as the sentence says."""

    PASSED = "passed"
    WARNED = "warned"
    REJECTED = "rejected"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """What a rule measured, whether that is within its threshold, and both in a sentence."""

    measured: float
    is_met: bool
    sentence: str


@dataclass(frozen=True)
class NotJudged:
    """A rule had nothing to judge by."""

    sentence: str


@dataclass(frozen=True)
class Ruling:
    """One row of the gate's table."""

    rule: str
    action: Action
    threshold: float | None
    measured: float | None
    verdict: Verdict
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """Render the row for the manifest, the history and the log."""
        measured = None if self.measured is None else round(self.measured, 6)
        return {**asdict(self), "action": self.action.value, "verdict": self.verdict.value, "measured": measured}
