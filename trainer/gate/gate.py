"""Judging a candidate: every rule that is on, one after the other, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainer.gate.case import Case
from trainer.gate.rules import RULES, Rule
from trainer.gate.ruling import NotJudged, Ruling, Verdict
from trainer.gate.settings import Action, RuleSettings


@dataclass(frozen=True)
class GateReport:
    """The gate's table."""

    rulings: tuple[Ruling, ...]

    @property
    def accepts(self) -> bool:
        """Whether no rule rejects the candidate."""
        return not self.of(Verdict.REJECTED)

    @property
    def reason(self) -> str:
        """Why the candidate was rejected: each such rule's name and sentence."""
        return " ".join(f"{ruling.rule}: {ruling.sentence}" for ruling in self.of(Verdict.REJECTED))

    def of(self, verdict: Verdict) -> list[Ruling]:
        """Give the rulings with one verdict."""
        return [ruling for ruling in self.rulings if ruling.verdict is verdict]

    def as_json(self) -> list[dict[str, Any]]:
        """Render the table for the manifest and the history."""
        return [ruling.as_json() for ruling in self.rulings]


def judge(case: Case, settings: Mapping[str, RuleSettings]) -> GateReport:
    """Judge a candidate by every rule; that it is above the hard minimums goes before."""
    rulings = (_ruling(rule, settings.get(rule.name, RuleSettings()), case) for rule in RULES)
    return GateReport((_minimums(case), *rulings))


def _minimums(case: Case) -> Ruling:
    """Tell of the limits of trainer.validation, which nothing below them gets past."""
    model, limits = case.model, case.minimums
    sentence = (
        f"{len(model.users):,} users ({limits.min_users:,} are asked), {len(model.products):,} products "
        f"({limits.min_products:,}), {model.neighbours.n_pairs:,} pairs of neighbours, and every number is finite."
    )
    return Ruling("minimums", Action.REJECT, None, None, Verdict.PASSED, sentence)


def _ruling(rule: Rule, settings: RuleSettings, case: Case) -> Ruling:
    action = settings.action or rule.action
    threshold = rule.threshold if settings.threshold is None else settings.threshold
    found = NotJudged("Switched off.") if action is Action.OFF else rule.judge(case, threshold)
    if isinstance(found, NotJudged):
        return Ruling(rule.name, action, threshold, None, Verdict.SKIPPED, found.sentence)
    verdict, sentence = _verdict(rule, action, case, is_met=found.is_met), found.sentence
    if verdict is Verdict.WARNED and action is Action.REJECT:
        sentence += " It only warns while nothing is in service."
    return Ruling(rule.name, action, threshold, found.measured, verdict, sentence)


def _verdict(rule: Rule, action: Action, case: Case, *, is_met: bool) -> Verdict:
    if is_met:
        return Verdict.PASSED
    spared = rule.spares_the_first and case.champion is None
    return Verdict.REJECTED if action is Action.REJECT and not spared else Verdict.WARNED
