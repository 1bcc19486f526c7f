"""Hypothesis strategies: ids as shops have them, and whole models whose sums are exact in float32."""

import numpy as np
from hypothesis import strategies as st

from model.catalogue import Catalogue
from model.companions import Companions
from model.histories import Histories
from model.ids import Ids, IntegerIds, StringIds
from model.model import Model
from model.neighbours import Neighbours
from model.texts import Texts
from tests.builders import Rows, csr

BIGGEST = 2**63 - 1
INTEGERS = st.one_of(st.integers(-(2**63), BIGGEST), st.integers(-20, 20), st.integers(2**31 - 5, 2**32 + 5))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
# Multiples of 1/8 up to 4: products and sums of a few are exact, so that ties are ties in every order of adding up.
EIGHTHS = st.integers(1, 32).map(lambda eighths: eighths / 8)


def in_utf8_order(texts: set[str]) -> list[str]:
    return sorted(texts, key=str.encode)


def integer_ids(n: int) -> st.SearchStrategy[IntegerIds]:
    return st.sets(INTEGERS, min_size=n, max_size=n).map(lambda ids: IntegerIds(np.array(sorted(ids), np.int64)))


def string_ids(n: int) -> st.SearchStrategy[StringIds]:
    return st.sets(TEXTS, min_size=n, max_size=n).map(lambda ids: StringIds.of(in_utf8_order(ids)))


def some_ids(n: int) -> st.SearchStrategy[Ids]:
    return st.one_of(integer_ids(n), string_ids(n))


def rows(n_rows: int, n_columns: int) -> st.SearchStrategy[Rows]:
    row = st.dictionaries(st.integers(0, n_columns - 1), EIGHTHS, max_size=n_columns)
    return st.dictionaries(st.integers(0, max(0, n_rows - 1)), row, max_size=n_rows)


@st.composite
def neighbours(draw: st.DrawFn, n_items: int) -> Neighbours:
    """Draw neighbours that keep to the order a model promises: by falling score, ties by rising idx."""
    drawn = draw(rows(n_items, n_items))
    others = {item: {j: score for j, score in row.items() if j != item} for item, row in drawn.items()}
    ordered = {item: dict(sorted(row.items(), key=lambda pair: (-pair[1], pair[0]))) for item, row in others.items()}
    indptr, indices, scores = csr(ordered, n_items)
    return Neighbours(np.array(indptr, np.int64), np.array(indices, np.int32), np.array(scores, np.float32))


@st.composite
def histories(draw: st.DrawFn, n_users: int, n_items: int) -> Histories:
    indptr, indices, weights = csr(draw(rows(n_users, n_items)) if n_users else {}, n_users)
    again = draw(st.one_of(st.none(), st.lists(EIGHTHS, min_size=len(indices), max_size=len(indices))))
    return Histories(
        np.array(indptr, np.int64),
        np.array(indices, np.int32),
        np.array(weights, np.float32),
        None if again is None else np.array(again, np.float32),
    )


@st.composite
def companions(draw: st.DrawFn, n_items: int) -> Companions:
    near = draw(neighbours(n_items))
    shoppers = draw(st.lists(st.integers(1, 2**31 - 1), min_size=near.n_pairs, max_size=near.n_pairs))
    return Companions(near.indptr, near.indices, np.array(shoppers, np.int32))


def texts(n: int) -> st.SearchStrategy[Texts]:
    return st.lists(TEXTS, min_size=n, max_size=n).map(Texts.of)


@st.composite
def catalogues(draw: st.DrawFn, products: Ids) -> Catalogue:
    known = {products.at(idx) for idx in range(len(products))}
    drawn = draw(st.integers(0, 4).flatmap(some_ids))
    new = drawn.take(np.flatnonzero([drawn.at(idx) not in known for idx in range(len(drawn))]))
    n_new, n = len(new), len(products) + len(new)
    categories = in_utf8_order(draw(st.sets(TEXTS.filter(bool), max_size=3)))
    listed = draw(st.lists(st.integers(0, 1), min_size=len(products), max_size=len(products))) + [1] * n_new
    return Catalogue(
        new,
        np.array(listed, np.uint8),
        draw(texts(n)),
        draw(texts(n)),
        StringIds.of(categories),
        np.array(draw(st.lists(st.integers(-1, len(categories) - 1), min_size=n, max_size=n)), np.int32),
        np.array(draw(st.lists(st.one_of(st.just(-1), EIGHTHS), min_size=n, max_size=n)), np.float32),
        np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), np.uint8),
    )


@st.composite
def models(draw: st.DrawFn) -> Model:
    n_items, n_users = draw(st.integers(1, 8)), draw(st.integers(0, 5))
    products = draw(some_ids(n_items))
    popularity = draw(st.lists(st.one_of(st.just(0.0), EIGHTHS), min_size=n_items, max_size=n_items))
    return Model(
        products,
        draw(some_ids(n_users)),
        draw(neighbours(n_items)),
        draw(histories(n_users, n_items)),
        np.array(popularity, np.float32),
        draw(st.one_of(st.none(), companions(n_items))),
        draw(st.one_of(st.none(), companions(n_items))),
        draw(st.one_of(st.none(), catalogues(products))),
        draw(st.one_of(st.none(), neighbours(n_items))),
    )
