"""The command that says what recipes are worth: its generated shop, its sides, and its judgement of auto."""

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks import quality
from benchmarks.quality import Shop
from benchmarks.recipe_costs import _co_occurring
from benchmarks.shop_of_tastes import ShopOfTastes, events_of, tastes_of

SMALL = ShopOfTastes(users=500, products=300, categories=6, zeal=20)


@pytest.fixture(scope="module")
def shop() -> Shop:
    tastes = tastes_of(SMALL)
    return Shop.of("a small shop", events_of(SMALL, tastes), 30, tastes)


def test_same_shop_is_drawn_alike_and_nobody_takes_a_product_twice() -> None:
    one, other = events_of(SMALL, tastes_of(SMALL)), events_of(SMALL, tastes_of(SMALL))
    assert one.item_idx.tobytes() == other.item_idx.tobytes()
    pairs = one.user_idx * np.int64(SMALL.products) + one.item_idx
    assert len(np.unique(pairs)) == len(pairs) > 7_000


def test_truth_is_better_than_popularity(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    quality._print_sides_without_training(shop)
    rows = [line.split("|") for line in capsys.readouterr().out.splitlines()]
    popular, true = (float(row[3]) for row in rows)
    assert true > 1.2 * popular


def test_auto_is_judged_by_how_far_it_is_from_the_best(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    n = len(shop.truth.users)
    assert quality._judge_auto(shop, np.full(n, 0.01))
    assert not quality._judge_auto(shop, np.full(n, 1.0))
    assert "of the best away from it" in capsys.readouterr().out


def test_pairs_that_share_a_user_are_counted_once() -> None:
    matrix = sp.csr_matrix(np.array([[1, 1, 1, 0], [0, 0.3, 1, 0], [0, 0, 0, 1]], np.float32))
    assert _co_occurring(matrix) == 3
