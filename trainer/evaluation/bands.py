"""How each side does for users who did little and much, with products that few and many have, and with new ones.

A mean over all hides that a recipe may serve regulars only, or list nothing but bestsellers, or what users had before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.many_lists import Lists
from model.ranking import are_among
from trainer.evaluation.hits import Values
from trainer.evaluation.truth import Truth

# From so many products of a user on.
_ACTIVITY: Final = {"1 to 4 products": 1, "5 to 19 products": 5, "20 to 99 products": 20, "100 products and more": 100}
# Products by falling popularity, in three parts of about equally many events.
_POPULARITY: Final = ("most popular", "in between", "least popular")
_NOVELTY: Final = ("products they had before", "products new to them")


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
    buy_again: float | None


@dataclass(frozen=True)
class Bands:
    """The bands of users by the number of their products, and of products by their popularity; none that is empty.

    `novelty` parts what users had had before from what was new to them; it is empty where only the latter counts.
    """

    activity: tuple[Band, ...]
    popularity: tuple[Band, ...]
    novelty: tuple[Band, ...]


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
    return _found_by_band(_thirds(popularity)[truth.pairs % truth.n_products], _POPULARITY, truth, lists_by_side)


def by_novelty(had: NDArray[np.int64], truth: Truth, lists_by_side: Mapping[str, Lists]) -> tuple[Band, ...]:
    """Cut what users took up by whether they had had it; `had` are pairs as those of the truth, rising."""
    is_new = ~are_among(had, truth.pairs)
    return _found_by_band(is_new.astype(np.int64), _NOVELTY, truth, lists_by_side)


def _found_by_band(
    band_of: NDArray[np.int64], names: tuple[str, ...], truth: Truth, lists_by_side: Mapping[str, Lists]
) -> tuple[Band, ...]:
    """Give the share of what was taken up that stands in the lists, by band; `band_of` int64 (n_pairs,)."""
    n_taken = np.bincount(band_of, minlength=len(names))
    n_found = {
        side: np.bincount(band_of[truth.found(lists)], minlength=len(names)) for side, lists in lists_by_side.items()
    }
    return tuple(
        _band(name, int(n_taken[band]), {side: float(found[band] / n_taken[band]) for side, found in n_found.items()})
        for band, name in enumerate(names)
        if n_taken[band]
    )


def _thirds(popularity: NDArray[np.float32]) -> NDArray[np.int64]:
    """Give the band of each product, int64 (n_products,)."""
    order = np.argsort(-popularity, kind="stable")
    before = np.cumsum(popularity[order], dtype=np.float64) - popularity[order]
    band_of = np.zeros(len(popularity), np.int64)
    band_of[order] = np.minimum(before * len(_POPULARITY) / max(float(popularity.sum(dtype=np.float64)), 1e-30), 2)
    return band_of


def _band(name: str, n: int, values: Mapping[str, float]) -> Band:
    return Band(name, n, values["candidate"], values["popularity"], values.get("champion"), values.get("buy_again"))
