"""How what users come back for was weighed against what is new to them."""

from dataclasses import dataclass
from typing import Any

from plots.lookup import number_at
from plots.wording import count, fading, metric, plain


@dataclass(frozen=True)
class WeighingRow:
    """A strength, how the past fades, and how lists did by them."""

    strength: str
    fading: str
    ndcg: str
    is_chosen: bool


@dataclass(frozen=True)
class BuyAgainTable:
    """What it was weighed on, in sentences, and what was tried, the best first."""

    introduction: tuple[str, ...]
    rows: tuple[WeighingRow, ...]


def buy_again_table(weighed: object) -> BuyAgainTable | None:
    """Lay out what was tried; None where nothing was."""
    if not isinstance(weighed, dict):
        return None
    tried = weighed.get("tried")
    rows = tuple(_row(one, weighed) for one in tried if isinstance(one, dict)) if isinstance(tried, list) else ()
    return BuyAgainTable(_introduction(weighed), rows)


def _introduction(weighed: dict[str, Any]) -> tuple[str, ...]:
    alone, popular = (metric(number_at(weighed, name)) for name in ("buy_again_ndcg", "popularity_ndcg"))
    users = count(number_at(weighed, "n_users"))
    return (
        f"Lists may hold what a user had before. How much that weighs was tried on all that {users} users took up.",
        f"What they did most reaches {alone} alone, and the most popular products {popular}.",
    )


def _row(one: dict[str, Any], weighed: dict[str, Any]) -> WeighingRow:
    strength, half_life = (number_at(one, name) for name in ("strength", "half_life_days"))
    chosen = tuple(number_at(weighed, name) for name in ("strength", "half_life_days"))
    return WeighingRow(
        plain(strength), fading(half_life), metric(number_at(one, "ndcg")), is_chosen=(strength, half_life) == chosen
    )
