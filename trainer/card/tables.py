"""All of a card that is text and tables."""

from dataclasses import dataclass
from typing import Any, Final

from model.golden import golden_answers
from model.model import Model
from plots.lookup import number_at
from plots.wording import count, metric, moment, percent
from registry.manifest import Manifest
from trainer.card.bands import band_tables
from trainer.card.choice import choice_table
from trainer.card.evaluation import evaluation_tables
from trainer.card.verdict import overall

_VERDICTS: Final = {"passed": "Passed", "warned": "Warned", "rejected": "Rejected", "skipped": "Skipped"}


@dataclass(frozen=True)
class Fact:
    """A number about the data or the model, and what it counts."""

    name: str
    value: str


@dataclass(frozen=True)
class KindOfEvent:
    """A row of the table of events."""

    name: str
    n_events: int
    weight: float | None


def tables_of(manifest: Manifest, model: Model) -> dict[str, Any]:
    """Give what the template needs by name."""
    return {
        "manifest": manifest,
        "overall": overall(manifest),
        "verdicts": _VERDICTS,
        "evaluation": evaluation_tables(manifest.holdout),
        "bands": band_tables(manifest.holdout),
        "choice": choice_table(manifest.choice),
        "kinds": _kinds(manifest),
        "size_facts": _size_facts(manifest),
        "data_facts": _data_facts(manifest),
        "answers": golden_answers(model),
    }


def _kinds(manifest: Manifest) -> list[KindOfEvent]:
    names = sorted({*manifest.events, *manifest.event_weights}, key=lambda kind: (-manifest.events.get(kind, 0), kind))
    return [KindOfEvent(name, manifest.events.get(name, 0), manifest.event_weights.get(name)) for name in names]


def _size_facts(manifest: Manifest) -> list[Fact]:
    figures = ("n_users", "n_products", "n_interactions")
    named = [Fact(name.removeprefix("n_"), count(number_at(manifest.metrics, name))) for name in figures]
    return [Fact("events", count(sum(manifest.events.values()) if manifest.events else None)), *named]


def _data_facts(manifest: Manifest) -> list[Fact]:
    data, figures = manifest.data, manifest.metrics
    return [
        Fact("Newest event", moment(manifest.data_until)),
        Fact("Pairs of user and product without an interaction", percent(number_at(figures, "sparsity"))),
        Fact("Products with a neighbour", percent(number_at(data, "related_products_share"))),
        Fact("Products that have neighbours and are nobody's", count(number_at(data, "unlisted_products"))),
        Fact("Pairs of products that are neighbours", percent(number_at(figures, "similarity_density"))),
        Fact("Mean similarity of neighbours", metric(number_at(figures, "avg_similarity"))),
        Fact("Events of the busiest 0.1 % of users", percent(number_at(data, "busiest_users_share"))),
        Fact("Events in the commonest second", percent(number_at(data, "commonest_second_share"))),
    ]
