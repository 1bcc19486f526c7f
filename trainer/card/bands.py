"""The holdout's bands: each side among users who did little and much, and among products that few and many have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plots.lookup import number_at, text_at
from plots.wording import count, metric, percent, spoken
from trainer.card.evaluation import SIDES

Render = Callable[[float | None], str]


@dataclass(frozen=True)
class BandRow:
    """A band's name, how many there are in it, and what each side reaches."""

    name: str
    n: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class BandTable:
    """A caption, what is counted, the sides that were tried, and the bands."""

    caption: str
    counted: str
    sides: tuple[str, ...]
    rows: tuple[BandRow, ...]


def band_tables(holdout: dict[str, Any] | None) -> tuple[BandTable, ...]:
    """Lay out the bands; none where older versions do not tell any."""
    bands = (holdout or {}).get("bands")
    if not isinstance(bands, dict):
        return ()
    k = count(number_at(holdout, "k"))
    activity = _table(bands.get("activity"), f"NDCG@{k} of users by how much they had before", "users", metric)
    found = f"Share found within {k}, by the products' popularity"
    popularity = _table(bands.get("popularity"), found, "taken up", percent)
    novelty = _table(bands.get("novelty"), f"Share found within {k}, by what users had before", "taken up", percent)
    return tuple(table for table in (activity, popularity, novelty) if table.rows)


def _table(bands: object, caption: str, counted: str, render: Render) -> BandTable:
    known = [band for band in bands if isinstance(band, dict)] if isinstance(bands, list) else []
    sides = tuple(side for side in SIDES if any(number_at(band, side) is not None for band in known))
    rows = tuple(
        BandRow(
            text_at(band, "name"), count(number_at(band, "n")), tuple(render(number_at(band, side)) for side in sides)
        )
        for band in known
    )
    return BandTable(caption, counted, tuple(spoken(side) for side in sides), rows)
