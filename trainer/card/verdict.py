"""The gate's overall verdict in one sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plots.lookup import text_at
from plots.wording import spoken
from registry.manifest import Manifest


@dataclass(frozen=True)
class Overall:
    """What the card says first: `kind` is passed, warned, rejected or forced; `reasons` are sentences of rules."""

    kind: str
    sentence: str
    reasons: tuple[str, ...] = ()


def overall(manifest: Manifest) -> Overall:
    """Say whether the gate let a version through, and who overruled it."""
    rejected, warned = _said(manifest.gate, "rejected"), _said(manifest.gate, "warned")
    if manifest.forced:
        by, reason = (text_at(manifest.forced, name) or "unknown" for name in ("by", "reason"))
        return Overall("forced", f"Forced by {by} because: {reason}", rejected)
    if not manifest.accepted:
        return Overall("rejected", f"Rejected by {_rules(rejected)}" if rejected else "Rejected", rejected)
    if not manifest.gate:
        return Overall("passed", "Accepted without a gate: no rule was asked")
    if warned:
        return Overall("warned", f"Accepted, with a warning from {_rules(warned)}", warned)
    return Overall("passed", "Accepted: it breaks no rule")


def _said(gate: Iterable[Mapping[str, Any]], verdict: str) -> tuple[str, ...]:
    return tuple(
        f"{spoken(text_at(row, 'rule'))}: {text_at(row, 'sentence')}"
        for row in gate
        if text_at(row, "verdict") == verdict
    )


def _rules(said: tuple[str, ...]) -> str:
    """Name the rules that these sentences begin with."""
    names = [sentence.partition(":")[0] for sentence in said]
    return f"the rule {names[0]}" if len(names) == 1 else f"the rules {', '.join(names[:-1])} and {names[-1]}"
