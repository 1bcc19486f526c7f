"""The command that says what orders do to lists: its figures by hand, and a shop where diversity must show."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.quality import Shop
from benchmarks.reordering import alike, measured
from benchmarks.shop_of_tastes import ShopOfTastes, events_of, tastes_of
from model.ids import StringIds
from model.reordering import Ordering
from tests.builders import a_catalogue
from trainer.similarity.named import recipe_named
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import Limits

SMALL = ShopOfTastes(users=500, products=300, categories=6, zeal=20)


def test_products_are_alike_by_the_cosine_of_their_users() -> None:
    had = sp.csr_matrix(np.array([[1, 1, 0], [0.3, 2, 1], [0, 1, 0]], np.float32))
    assert alike(np.array([[0, 1]], np.int32), had) == pytest.approx(2 / np.sqrt(2 * 3))
    assert alike(np.array([[0, 1], [0, 2]], np.int32), had) == pytest.approx((2 / np.sqrt(2 * 3) + 1 / np.sqrt(2)) / 2)


def test_diversity_makes_lists_less_alike_and_damping_makes_them_rarer() -> None:
    tastes = tastes_of(SMALL)
    shop = Shop.of("a small shop", events_of(SMALL, tastes), 30, tastes)
    user_items = shop.user_items("binary")
    near = neighbours_by(recipe_named("cosine"), user_items, Limits(5, 100), threads=1)
    n = user_items.shape[1]
    category = (np.arange(n) % 3).astype(np.int32)
    catalogue = replace(
        a_catalogue(),
        new_products=shop.events.products.take(np.empty(0, np.intp)),
        categories=StringIds.of(["a", "b", "c"]),
        category=category,
        available=np.ones(n, np.uint8),
    )
    model = replace(shop.model(user_items, near), catalogue=catalogue)
    plain, diverse, damped = (
        measured(shop, model, user_items, one) for one in (Ordering(), Ordering(diversity=0.7), Ordering(0.0, 0.7))
    )
    assert diverse.alike < plain.alike
    assert diverse.same_category < plain.same_category
    assert damped.buyers < plain.buyers
    assert damped.coverage >= plain.coverage
