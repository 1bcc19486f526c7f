"""Shops whose truth is known: what a good recipe has to see in them."""

import numpy as np

from tests.trainer.evaluation.shops import Row, events_of
from trainer.events import Events


def pairs_of_users(seed: int = 1, n_users: int = 400, n_groups: int = 12, days: float = 60) -> list[Row]:
    """Users who each like a few of the groups of products, and take up their groups' products one by one."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for user in range(n_users):
        groups = rng.choice(n_groups, 2, replace=False)
        products = (groups[:, None] * 12 + np.arange(12)).ravel()
        chosen = rng.choice(products, 14, replace=False, p=_fame(products))
        rows += [(user, int(product), float(day)) for product, day in zip(chosen, rng.random(14) * days, strict=True)]
    return rows


def a_shop_with_habits(seed: int = 1) -> Events:
    """The same, and a few products that everybody buys again and again, whatever they like."""
    rng = np.random.default_rng(seed)
    staples = [
        (user, 900 + product, float(rng.random() * 60)) for user in range(400) for product in range(3) for _ in range(9)
    ]
    return events_of([*pairs_of_users(seed), *staples])


def a_shop_with_noisy_views(seed: int = 1) -> Events:
    """Purchases by taste, and views of anything."""
    rng = np.random.default_rng(seed)
    rows = pairs_of_users(seed)
    viewed = [
        (int(u), int(p), float(d), "view")
        for u, p, d in zip(
            rng.integers(0, 400, 6_000), rng.integers(0, 144, 6_000), rng.random(6_000) * 60, strict=True
        )
    ]
    return events_of([*rows, *viewed], ("purchase", "view"))


def a_shop_of_random_purchases(seed: int = 1) -> Events:
    """Views by taste, and purchases of anything."""
    rng = np.random.default_rng(seed)
    viewed: list[Row] = [(row[0], row[1], row[2], "view") for row in pairs_of_users(seed)]
    bought: list[Row] = [
        (int(user), int(product), float(rng.random() * 60))
        for user, product in zip(rng.integers(0, 400, 2_000), rng.integers(0, 144, 2_000), strict=True)
    ]
    return events_of([*viewed, *bought], ("purchase", "view"))


def a_shop_of_substitutes(seed: int = 2, n_users: int = 400) -> Events:
    """Users look at five of a dozen that take each other's place, and may buy one, and what goes with it elsewhere."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for user in range(n_users):
        for group in rng.choice(12, 4, replace=False):
            day = float(rng.random() * 60)
            looked = rng.choice(12, 5, replace=False) + 12 * group
            rows += [(user, int(product), day, "view") for product in looked]
            if rng.random() < 0.5:
                bought = int(looked[0])
                rows.append((user, bought, day + 0.01, "purchase"))
                rows.append((user, (bought * 5 + 7) % 144, day + float(rng.random() * 6), "purchase"))
    return events_of(rows, ("purchase", "view"))


def _fame(products: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    fame = 1 / (1 + products % 12)
    return np.asarray(fame / fame.sum())
