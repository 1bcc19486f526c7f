"""How the recipe was chosen: each variant that was tried, next to the one that was taken."""

from dataclasses import dataclass
from typing import Any, Final

from plots.lookup import number_at, text_at
from plots.wording import UNKNOWN, count, fading, metric, moment_of, plain, spoken
from trainer.card.buy_again import BuyAgainTable, buy_again_table
from trainer.card.evaluation import Cell, difference_cell

_REPEATS: Final = {
    "sum": "add up",
    "log": "add less and less",
    "cap": "count once at most",
    "binary": "count once, whatever they are",
}
_KINDS: Final = {"together": "together", "apart": "each by itself", "paths": "paths to purchases"}


@dataclass(frozen=True)
class TriedVariant:
    """A row: a variant in words, how it did, and by how much it did better than the one that was taken."""

    recipe: str
    repeats: str
    fading: str
    ridge: str
    weights: str
    kinds: str
    ndcg: str
    against_chosen: Cell
    role: str


@dataclass(frozen=True)
class ChoiceTable:
    """What the variants were compared on, in sentences, the variants, the best first, and the quick rounds before.

    `buy_again` is None where lists are of new products only.
    """

    introduction: tuple[str, ...]
    metric: str
    rows: tuple[TriedVariant, ...]
    rounds: tuple[TriedVariant, ...]
    notes: tuple[str, ...]
    buy_again: BuyAgainTable | None


def choice_table(choice: dict[str, Any] | None) -> ChoiceTable | None:
    """Lay out a choice; None where the recipe was set and not chosen."""
    if choice is None:
        return None
    notes = choice.get("notes")
    told = tuple(str(note) for note in notes) if isinstance(notes, list) else ()
    rows, rounds = _rows(choice.get("tried")), _rows(choice.get("rounds"))
    name, again = f"NDCG@{plain(number_at(choice, 'k'))}", buy_again_table(choice.get("buy_again"))
    return ChoiceTable(_introduction(choice), name, rows, rounds, told, again)


def _rows(tried: object) -> tuple[TriedVariant, ...]:
    return tuple(_row(one) for one in tried if isinstance(one, dict)) if isinstance(tried, list) else ()


def _introduction(choice: dict[str, Any]) -> tuple[str, ...]:
    n_users, cut = count(number_at(choice, "n_users")), text_at(choice, "cut")
    on = (
        f"after {moment_of(cut)}"
        if cut
        else "in a part of the log that was drawn by chance, since its times tell nothing"
    )
    popular = metric(number_at(choice, "popularity_ndcg"))
    return (
        f"Each was made of the events before, and asked what {n_users} users newly took up {on}.",
        "Of those that do as well as the best, within a hundredth and their intervals, the simplest is taken.",
        f"The most popular products alone reach {popular}.",
        *_changed_weights(choice),
    )


def _changed_weights(choice: dict[str, Any]) -> tuple[str, ...]:
    """Say which kinds of events were given another weight than the one that is configured."""
    chosen, configured = (_weights_by_kind(choice.get(role)) for role in ("chosen", "configured"))
    return tuple(
        f"A {kind} weighs {plain(weight)}, not the {plain(was)} that is configured."
        for kind, weight in chosen.items()
        if (was := configured.get(kind, weight)) != weight
    )


def _weights_by_kind(variant: object) -> dict[str, float]:
    weights = variant.get("event_weights") if isinstance(variant, dict) else None
    return weights if isinstance(weights, dict) else {}


def _row(one: dict[str, Any]) -> TriedVariant:
    half_life, ridge = number_at(one, "half_life_days"), number_at(one, "ridge")
    return TriedVariant(
        recipe=spoken(text_at(one, "recipe")),
        repeats=_REPEATS.get(text_at(one, "repeats"), text_at(one, "repeats")),
        fading=fading(half_life),
        ridge=UNKNOWN if ridge is None else plain(ridge),
        weights=_weights(one.get("event_weights")),
        ndcg=metric(number_at(one, "ndcg")),
        against_chosen=Cell(UNKNOWN) if one.get("is_chosen") is True else difference_cell(one.get("against_chosen")),
        kinds=_KINDS.get(text_at(one, "kinds"), UNKNOWN),
        role=", ".join(role for role in ("chosen", "configured") if one.get(f"is_{role}") is True),
    )


def _weights(weights: object) -> str:
    return ", ".join(f"{kind} {weight}" for kind, weight in weights.items()) if isinstance(weights, dict) else UNKNOWN
