"""The table of rules, and their defaults."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trainer.gate.case import Case
from trainer.gate.data_rules import events_are_recent, few_events_from_the_busiest, times_differ
from trainer.gate.loss_rules import coverage_kept, events_kept, interactions_kept, products_kept, users_kept
from trainer.gate.memory_rules import interactions_remembered, newest_event_not_before_the_champions
from trainer.gate.quality_rules import better_than_popularity, no_worse_than_buy_again, no_worse_than_champion
from trainer.gate.ruling import Finding, NotJudged
from trainer.gate.settings import Action
from trainer.gate.stability_rules import neighbours_overlap


@dataclass(frozen=True)
class Rule:
    """A rule's name, its default action and threshold, and how it judges.

    `spares_the_first`: while nothing is in service, the rule only warns, since a doubtful model serves a shop better
    than none.
    """

    name: str
    action: Action
    threshold: float
    judge: Callable[[Case, float], Finding | NotJudged]
    spares_the_first: bool = False


RULES: Final = (
    Rule("champion", Action.REJECT, 0.05, no_worse_than_champion),
    Rule("popularity", Action.REJECT, 0.0, better_than_popularity),
    Rule("buy_again", Action.REJECT, 0.0, no_worse_than_buy_again),
    Rule("events", Action.REJECT, 0.3, events_kept),
    Rule("users", Action.REJECT, 0.3, users_kept),
    Rule("products", Action.REJECT, 0.3, products_kept),
    Rule("interactions", Action.REJECT, 0.3, interactions_kept),
    Rule("coverage", Action.REJECT, 0.3, coverage_kept),
    Rule("busiest_users", Action.REJECT, 0.05, few_events_from_the_busiest, spares_the_first=True),
    Rule("newest_event", Action.WARN, 3.0, events_are_recent),
    Rule("times", Action.REJECT, 0.5, times_differ, spares_the_first=True),
    Rule("backwards", Action.REJECT, 1.0, newest_event_not_before_the_champions),
    Rule("forgotten", Action.REJECT, 0.03, interactions_remembered),
    Rule("overlap", Action.REJECT, 0.5, neighbours_overlap),
)

RULE_NAMES: Final = tuple(rule.name for rule in RULES)
