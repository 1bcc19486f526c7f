"""How each side does for users who did little and much, and with products that few and many have.

A mean over all hides that a recipe may serve regulars only, or list nothing but bestsellers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.many_lists import Lists
from trainer.evaluation.hits import Values
from trainer.evaluation.truth import Truth

# From so many products of a user on.
_ACTIVITY: Final = {"1 to 4 products": 1, "5 to 19 products": 5, "20 to 99 products": 20, "100 products and more": 100}
# Products by falling popularity, in three parts of about equally many events.
_POPULARITY: Final = ("most popular", "in between", "least popular")


@dataclass(frozen=True)
class Band:
    """Some of the users, or of what they took up: how many, and each side's value; None for a side that is not tried.

    Of users the value is the mean ndcg@k, of products the share of what was taken up that stood in the lists.
    """

    name: str
    n: int
    candidate: float
    popularity: float
    champion: float | None


@dataclass(frozen=True)
class Bands:
    """The bands of users by the number of their products, and of products by their popularity; none that is empty."""

    activity: tuple[Band, ...]
    popularity: tuple[Band, ...]


def by_activity(n_known: NDArray[np.int64], ndcg_by_side: Mapping[str, Values]) -> tuple[Band, ...]:
    """Cut the users by how many products they had, int64 (n_users,)."""
    band_of = np.searchsorted(list(_ACTIVITY.values()), n_known, side="right") - 1
    named = enumerate(_ACTIVITY)
    parts = ((name, band_of == number) for number, name in named)
    return tuple(
        _band(name, int(part.sum()), {side: float(values[part].mean()) for side, values in ndcg_by_side.items()})
        for name, part in parts
        if part.any()
    )


def by_popularity(
    popularity: NDArray[np.float32], truth: Truth, lists_by_side: Mapping[str, Lists]
) -> tuple[Band, ...]:
    """Cut what users took up by the popularity of the products, float32 (n_products,)."""
    band_of = _thirds(popularity)
    n_taken = np.bincount(band_of[truth.pairs % truth.n_products], minlength=len(_POPULARITY))
    n_found = {side: _found(band_of, truth, lists) for side, lists in lists_by_side.items()}
    return tuple(
        _band(name, int(n_taken[band]), {side: float(found[band] / n_taken[band]) for side, found in n_found.items()})
        for band, name in enumerate(_POPULARITY)
        if n_taken[band]
    )


def _thirds(popularity: NDArray[np.float32]) -> NDArray[np.int64]:
    """Give the band of each product, int64 (n_products,)."""
    order = np.argsort(-popularity, kind="stable")
    before = np.cumsum(popularity[order], dtype=np.float64) - popularity[order]
    band_of = np.zeros(len(popularity), np.int64)
    band_of[order] = np.minimum(before * len(_POPULARITY) / max(float(popularity.sum(dtype=np.float64)), 1e-30), 2)
    return band_of


def _found(band_of: NDArray[np.int64], truth: Truth, lists: Lists) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.bincount(band_of[lists[truth.hits(lists)]], minlength=len(_POPULARITY))
    return found


def _band(name: str, n: int, values: Mapping[str, float]) -> Band:
    return Band(name, n, values["candidate"], values["popularity"], values.get("champion"))
