"""Expected pairs against shops that really have no taste, counted by brute force."""

from collections import Counter

import numpy as np
import pytest

from trainer.planning.chance import expected_pairs


def tasteless_shop(n_users: int, n_products: int, n_events: int, seed: int) -> np.ndarray:
    """Give user_items as a dense (n_users, n_products) matrix of booleans: users of any zeal, products of any fame."""
    rng = np.random.default_rng(seed)
    zeal, fame = rng.lognormal(0, 0.7, n_users), 1 / np.arange(1, n_products + 1) ** 0.6
    users = rng.choice(n_users, n_events, p=zeal / zeal.sum())
    products = rng.choice(n_products, n_events, p=fame / fame.sum())
    bought = np.zeros((n_users, n_products), np.bool_)
    bought[users, products] = True
    return bought


@pytest.mark.parametrize(("n_users", "n_products", "n_events"), [(500, 300, 4000), (3000, 80, 9000), (150, 900, 5000)])
@pytest.mark.parametrize(("least", "most"), [(1, 10_000), (5, 10_000), (5, 20), (2, 3)])
def test_expected_pairs_are_about_those_of_a_shop_without_taste(
    n_users: int, n_products: int, n_events: int, least: int, most: int
) -> None:
    bought = tasteless_shop(n_users, n_products, n_events, 1)
    shared = bought.astype(np.int64).T @ bought
    np.fill_diagonal(shared, 0)
    real = np.minimum((shared >= least).sum(axis=1), most).sum()
    users = bought.sum(axis=0)
    of_users = bought.sum(axis=1)
    histogram = Counter(users[users > 0].tolist())
    expected = expected_pairs(histogram, (of_users * (of_users - 1)).sum() / users.sum() ** 2, least, most)
    assert 1 / 1.5 < expected / real < 1.5


def test_one_product_has_no_pair() -> None:
    assert expected_pairs({7: 1}, 0.1, 1, 10) == 0


def test_products_that_everybody_has_are_all_pairs() -> None:
    assert expected_pairs({1000: 20}, 20 * 19 * 1000 / (20 * 1000) ** 2, 5, 100) == pytest.approx(20 * 19)
