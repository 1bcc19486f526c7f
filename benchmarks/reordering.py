"""`python -m benchmarks.reordering`: what diversity and popularity_damping do to the lists of real customers.

On the Complete Journey, its last four weeks held out, with its own catalogue: each customer's list of ten in each
order, by what they took up, by how alike its products are, and by how many products stand in anybody's list.
"""

import argparse
import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.event_sources import complete_journey
from benchmarks.journey import shop_tables
from benchmarks.machine import this_machine
from benchmarks.markdown import table
from benchmarks.quality import Shop
from model.answers import recommend
from model.catalogue import NO_CATEGORY
from model.ids import IntegerIds
from model.many_lists import Lists
from model.model import Model
from model.reordering import Ordering
from runtime.errors import Exit
from runtime.process import run
from trainer.catalogue import laid_out
from trainer.evaluation.bootstrap import intervals
from trainer.evaluation.catalogue import coverage
from trainer.evaluation.gain import ndcg
from trainer.evaluation.hits import Values
from trainer.reading.catalogue import CatalogueRows
from trainer.reading.catalogue_columns import columns_of
from trainer.similarity.named import recipe_named
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import Limits

_K: Final = 10
_DAYS: Final = 28
_MIN_CO_OCCURRENCE, _NEIGHBOURS, _THREADS = 5, 100, 2
_SIGNAL: Final = "binary"
_SHARES: Final = (0.1, 0.2, 0.3, 0.5, 1.0)
ORDERINGS: Final = (
    Ordering(),
    *(Ordering(diversity=share) for share in _SHARES),
    *(Ordering(popularity_damping=share) for share in _SHARES),
    Ordering(diversity=0.3, popularity_damping=0.1),
)
_COLUMNS: Final = (
    "diversity",
    "damping",
    "ndcg@10",
    "less the plain order, 95 %",
    "alike",
    "same category",
    "coverage@10",
    "buyers",
    "ms a list",
)


@dataclass(frozen=True)
class Measured:
    """What one order gives: each user's gain, and figures of all lists.

    `alike`: the mean cosine of two products' users in a list. `same_category`: the share of such pairs that share one.
    `buyers`: how many users a listed product has, on average. `milliseconds` of a processor are the median of a list's.
    """

    gains: Values
    alike: float
    same_category: float
    coverage: float
    buyers: float
    milliseconds: float


def main() -> Exit:
    """Measure, and print a table a recipe."""
    arguments, machine = _parser().parse_args(), this_machine()
    print(f"{machine.cores} cores of {machine.cpu}, load {machine.load:.1f}\n")
    shop = Shop.of("Complete Journey, four weeks held out", complete_journey(), _DAYS)
    for recipe in arguments.recipes:
        print(f"### {shop.name}, {recipe}, {len(shop.truth.users):,} users\n")
        model, user_items = journey_model(shop, recipe)
        plain, *others = (measured(shop, model, user_items, ordering) for ordering in ORDERINGS)
        rows = [_row(ordering, one, plain) for ordering, one in zip(ORDERINGS, (plain, *others), strict=True)]
        print(f"{table(_COLUMNS, rows)}\n", flush=True)
    return Exit.DONE


def journey_model(shop: Shop, recipe: str) -> tuple[Model, sp.csr_matrix]:
    """Make the model of what is known at the cut, with the data set's own catalogue."""
    user_items = shop.user_items(_SIGNAL)
    neighbours = neighbours_by(
        recipe_named(recipe), user_items, Limits(_MIN_CO_OCCURRENCE, _NEIGHBOURS), threads=_THREADS
    )
    products = shop_tables()["products"].rename_columns({"id": "product_id", "is_active": "available"})
    columns = pa.Table.from_batches([columns_of(one, "products") for one in products.to_batches()])
    rows = CatalogueRows(IntegerIds(products["product_id"].to_numpy().astype(np.int64)), columns)
    return replace(shop.model(user_items, neighbours), catalogue=laid_out(rows, shop.events.products)), user_items


def measured(shop: Shop, model: Model, user_items: sp.csr_matrix, ordering: Ordering) -> Measured:
    """Ask for each user's list, and look at all of them."""
    lists, seconds = _lists(shop, model, ordering)
    return Measured(
        ndcg(shop.truth.hits(lists), shop.truth.sizes),
        alike(lists, user_items),
        _same_category(lists, model),
        coverage(np.bincount(lists.ravel(), minlength=len(model.products))[: len(model.products)]),
        float(np.bincount(user_items.indices, minlength=len(model.products))[lists].mean()),
        float(np.median(seconds) * 1000),
    )


def alike(lists: Lists, user_items: sp.csr_matrix) -> float:
    """Give the mean cosine of the columns of two products of a list; `lists` is full."""
    had = user_items.copy()
    had.data[:] = 1
    scaled = sp.csc_matrix(had.multiply(1 / np.sqrt(np.maximum(had.sum(axis=0), 1))))
    return float(np.mean([_mean_of_pairs((scaled[:, row].T @ scaled[:, row]).toarray()) for row in lists]))


def _same_category(lists: Lists, model: Model) -> float:
    assert model.catalogue is not None
    category = model.catalogue.category[lists]
    is_same = (category[:, :, None] == category[:, None, :]) & (category[:, :, None] != NO_CATEGORY)
    return float(np.mean([_mean_of_pairs(one.astype(np.float64)) for one in is_same]))


def _mean_of_pairs(matrix: NDArray[np.float64]) -> float:
    return float(matrix[~np.eye(len(matrix), dtype=np.bool_)].mean())


def _lists(shop: Shop, model: Model, ordering: Ordering) -> tuple[Lists, list[float]]:
    lists, seconds = np.empty((len(shop.truth.users), _K), np.int32), []
    for row, user in zip(lists, shop.truth.users.tolist(), strict=True):
        started = time.thread_time()
        found = recommend(model, model.histories.alone(user), _K, ordering=ordering)
        seconds.append(time.thread_time() - started)
        row[:] = [one.item_idx for one in found.answers]
    return lists, seconds


def _row(ordering: Ordering, one: Measured, plain: Measured) -> tuple[str, ...]:
    less = intervals((one.gains - plain.gains)[:, None])[0]
    return (
        f"{ordering.diversity:g}",
        f"{ordering.popularity_damping:g}",
        f"{one.gains.mean():.4f}",
        "" if one is plain else f"{less.low:+.4f} to {less.high:+.4f}",
        f"{one.alike:.3f}",
        f"{one.same_category:.1%}",
        f"{one.coverage:.2%}",
        f"{one.buyers:,.0f}",
        f"{one.milliseconds:.1f}",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reordering", description=__doc__)
    parser.add_argument("--recipes", nargs="+", default=["local_ridge", "cosine"], help="which (default: both)")
    return parser


if __name__ == "__main__":
    run(main)
