"""Who buys what, and when: a small generative model of a shop, exact in its counts and the same for the same seed.

A user has a taste over categories and an activity; a product has a popularity. Their product is the affinity of a
(user, product) pair. The pairs of highest affinity are the shop's interactions; each gets one event, and the remaining
events fall on them in proportion to affinity, so that favourites are bought again. Users try favourites first and
others later; each category has its own trend over the months; a view comes shortly before the purchase it led to.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trainer.sample_shop.catalogue import CATALOGUE

_SPAN_DAYS: Final = 180
_DAY_SECONDS: Final = 86_400
_VIEW_ONLY_SHARE: Final = 0.3
_VIEW_LEADS_SHARE: Final = 0.7
_REPEAT_LATENESS: Final = 0.5

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ShopShape:
    """How many of each there are; interactions are distinct (user, product) pairs."""

    users: int = 102
    purchases: int = 8_014
    views: int = 3_173
    interactions: int = 3_331


@dataclass(frozen=True)
class ShopEvents:
    """Purchases and views: users and products from 0, times in seconds since 1970 UTC, each in order of time."""

    buyers: Ints
    bought: Ints
    bought_at: Ints
    viewers: Ints
    viewed: Ints
    viewed_at: Ints


def generate(shape: ShopShape, until: datetime, seed: int) -> ShopEvents:
    """Make a shop's events up to a moment."""
    rng = np.random.default_rng(seed)
    categories = np.repeat(np.arange(len(CATALOGUE)), [len(products) for products in CATALOGUE.values()])
    affinity = _affinity(shape.users, categories, rng)
    pairs = np.argsort(-affinity, axis=None, kind="stable")[: shape.interactions]
    bought_pairs, viewed_pairs = _events_of_pairs(pairs, affinity.ravel()[pairs], shape, rng)
    n_products = len(categories)
    curiosity = np.argsort(np.argsort(-affinity, axis=1), axis=1) / n_products
    bought_at = _times(bought_pairs, curiosity, categories, until, rng)
    viewed_at = _view_times(
        viewed_pairs, bought_pairs, bought_at, _times(viewed_pairs, curiosity, categories, until, rng), rng
    )
    by_time, views_by_time = np.argsort(bought_at, kind="stable"), np.argsort(viewed_at, kind="stable")
    bought_pairs, viewed_pairs = bought_pairs[by_time], viewed_pairs[views_by_time]
    return ShopEvents(
        *np.divmod(bought_pairs, n_products),
        bought_at[by_time],
        *np.divmod(viewed_pairs, n_products),
        viewed_at[views_by_time],
    )


def _affinity(n_users: int, categories: Ints, rng: np.random.Generator) -> Floats:
    taste = rng.dirichlet(np.full(categories.max() + 1, 0.4), n_users)
    activity = rng.lognormal(0.0, 0.5, n_users)
    popularity = 1.0 / (1.0 + rng.permutation(len(categories))) ** 0.5
    whim = rng.lognormal(0.0, 0.35, (n_users, len(categories)))
    return activity[:, None] * popularity[None, :] * (0.03 + taste[:, categories]) * whim


def _events_of_pairs(pairs: Ints, affinity: Floats, shape: ShopShape, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Give the pair of each purchase and of each view: one event for every pair, the rest by affinity.

    The pairs come by falling affinity; the last of them are only ever looked at.
    """
    n_bought = round(len(pairs) * (1 - _VIEW_ONLY_SHARE))
    bought = rng.multinomial(shape.purchases - n_bought, affinity[:n_bought] / affinity[:n_bought].sum()) + 1
    interest = np.sqrt(affinity)
    n_only_viewed = len(pairs) - n_bought
    viewed = rng.multinomial(shape.views - n_only_viewed, interest / interest.sum())
    viewed[n_bought:] += 1
    return np.repeat(pairs[:n_bought], bought), np.repeat(pairs, viewed)


def _times(pairs: Ints, curiosity: Floats, categories: Ints, until: datetime, rng: np.random.Generator) -> Ints:
    """Place events in the span: a first try the later the less it is a favourite, and each category with its trend."""
    is_first = np.zeros(len(pairs), np.bool_)
    is_first[np.unique(pairs, return_index=True)[1]] = True
    lateness = np.where(is_first, curiosity.ravel()[pairs], _REPEAT_LATENESS)
    trend = np.linspace(-0.4, 0.4, categories.max() + 1)[categories[pairs % len(categories)]]
    place = rng.beta(1.2 + lateness + trend, 1.8 - lateness - trend * 0.5)
    newest = int(until.timestamp()) - 60
    return newest - ((1.0 - place) * _SPAN_DAYS * _DAY_SECONDS).astype(np.int64)


def _view_times(viewed: Ints, bought: Ints, bought_at: Ints, otherwise: Ints, rng: np.random.Generator) -> Ints:
    """Let most views of a pair that was bought come within a day before one of its purchases."""
    order = rng.permutation(len(bought))
    order = order[np.argsort(bought[order], kind="stable")]
    found = np.searchsorted(bought[order], viewed)
    found = np.minimum(found, len(bought) - 1)
    leads = (bought[order][found] == viewed) & (rng.random(len(viewed)) < _VIEW_LEADS_SHARE)
    before = bought_at[order][found] - rng.integers(60, _DAY_SECONDS, len(viewed))
    return np.where(leads, before, otherwise)
