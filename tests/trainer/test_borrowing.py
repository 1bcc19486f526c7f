"""What products borrow that few users had: from their first users, and from their category."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.catalogue import Catalogue
from model.histories import Histories
from model.ids import IntegerIds, StringIds
from model.model import Model
from model.texts import Texts
from tests.builders import csr
from tests.trainer.evaluation.shops import Row, a_shop, events_of, model_until, some_settings
from trainer.borrowing import with_borrowed
from trainer.kernel.lists import History
from trainer.kernel.strongest import strongest_items

NEW, RARE = 901, 902


def a_model_with_new_products() -> Model:
    """Two groups of fifteen products, from 100 and 200 on; two lovers of the first try NEW, one of the second RARE."""
    rng = np.random.default_rng(3)
    rows: list[Row] = []
    for user in range(80):
        group = 100 if user % 2 else 200
        rows += [(user, group + int(product), 1.0) for product in rng.choice(15, 9, replace=False)]
    rows += [(1, NEW, 2.0), (3, NEW, 2.0), (2, RARE, 2.0)]
    return model_until(events_of(rows), 40, some_settings(min_co_occurrence=3))


def of_category(model: Model, categories: dict[int, str]) -> Model:
    """The same, with the categories of some products; the shop tells nothing else."""
    n, names = len(model.products), sorted(set(categories.values()))
    category = np.full(n, -1, np.int32)
    for product, name in categories.items():
        category[item_of(model, product)] = names.index(name)
    nothing = Texts.of([""] * n)
    catalogue = Catalogue(
        IntegerIds(np.empty(0, np.int64)),
        *(np.ones(n, np.uint8), nothing, nothing, StringIds.of(names), category),
        *(np.full(n, -1, np.float32), np.ones(n, np.uint8)),
    )
    return replace(model, catalogue=catalogue)


def item_of(model: Model, product: int) -> int:
    item = model.products.find(str(product))
    assert item is not None
    return item


def borrowed(model: Model, product: int) -> dict[int, float]:
    assert model.borrowed is not None
    items, scores = model.borrowed.row(item_of(model, product))
    return {int(model.products.at(item)): score for item, score in zip(items.tolist(), scores.tolist(), strict=True)}


def test_a_new_product_borrows_what_its_first_users_like() -> None:
    model = with_borrowed(a_model_with_new_products(), 3, 1)
    assert set(borrowed(model, NEW)) <= set(range(100, 115))
    assert set(borrowed(model, RARE)) <= set(range(200, 215))
    assert len(borrowed(model, NEW)) > 9, "more than the one or the other had"


def test_products_with_neighbours_of_their_own_borrow_nothing() -> None:
    model = with_borrowed(a_model_with_new_products(), 3, 1)
    assert borrowed(model, 100) == {}
    assert model.n_borrowing == 2
    rich = model_until(a_shop(), 40)
    assert with_borrowed(rich, 2, 1) is rich


def test_what_few_users_tell_counts_for_less() -> None:
    """Scores are those of a typical row times d / (d + MIN_CO_OCCURRENCE): NEW has two users, RARE one."""
    plain = a_model_with_new_products()
    model = with_borrowed(plain, 3, 1)
    typical = np.mean([plain.neighbours.row(item)[1][0] for item in range(len(plain.products) - 2)])
    assert next(iter(borrowed(model, NEW).values())) == pytest.approx(typical * 2 / 5, rel=1e-5)
    assert next(iter(borrowed(model, RARE).values())) == pytest.approx(typical * 1 / 4, rel=1e-5)
    assert list(borrowed(model, NEW).values()) == sorted(borrowed(model, NEW).values(), reverse=True)


def test_a_category_completes_what_first_users_leave_open() -> None:
    categories = dict.fromkeys([RARE, NEW, *range(100, 110)], "toys") | dict.fromkeys(range(200, 212), "games")
    without = borrowed(with_borrowed(a_model_with_new_products(), 3, 1), RARE)
    model = with_borrowed(of_category(a_model_with_new_products(), categories), 3, 1)
    found = list(borrowed(model, RARE))
    assert found[: len(without)] == list(without)
    added = found[len(without) :]
    assert added
    assert set(added) <= {NEW, *range(100, 110)}
    popularity = [float(model.popularity[item_of(model, product)]) for product in added]
    assert popularity == sorted(popularity, reverse=True)


def test_a_product_whose_users_had_nothing_else_gets_its_category() -> None:
    rows: list[Row] = [(user, product, 1.0) for user in range(20) for product in range(12)]
    rows.append((99, 50, 1.0))
    model = model_until(events_of(rows), 40, some_settings(min_co_occurrence=3))
    assert borrowed(with_borrowed(model, 3, 1), 50) == {}
    told = of_category(model, {50: "tea", 3: "tea", 4: "tea", 5: "coffee"})
    assert set(borrowed(with_borrowed(told, 3, 1), 50)) == {3, 4}


def test_rows_are_the_same_on_any_number_of_threads_and_never_hold_their_own_product() -> None:
    plain = model_until(a_shop(n_events=500, n_products=120), 40, some_settings(min_co_occurrence=3))
    one, four = (with_borrowed(plain, 3, threads).borrowed for threads in (1, 4))
    assert one is not None
    assert four is not None
    for part in ("indptr", "indices", "scores"):
        assert getattr(one, part).tobytes() == getattr(four, part).tobytes()
    assert max(np.diff(one.indptr)) <= 20
    for item in range(one.n_items):
        items = one.row(item)[0].tolist()
        assert item not in items
        assert len(set(items)) == len(items)


@given(st.dictionaries(st.integers(0, 4), st.dictionaries(st.integers(0, 9), st.integers(1, 4)), max_size=5))
def test_strongest_items_are_those_that_weigh_most(rows: dict[int, dict[int, float]]) -> None:
    indptr, indices, weights = csr({user: dict(sorted(row.items())) for user, row in rows.items()}, 5)
    histories = Histories(np.array(indptr, np.int64), np.array(indices, np.int32), np.array(weights, np.float32))
    found = np.full((5, 3), -1, np.int32)
    strongest_items(History.of(histories), np.arange(5, dtype=np.int32), found)
    for user, items in enumerate(found.tolist()):
        row = rows.get(user, {})
        best = sorted(row, key=lambda item: (-row[item], item))[:3]
        assert items == best + [-1] * (3 - len(best))
