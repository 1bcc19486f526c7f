"""`python -m benchmarks.straightforward_script COMMAND URL FOLDER`: what a shop would write itself, with scikit-learn.

It reads the same tables as `python -m trainer` and finds the same neighbours. `train` does no more than that;
`evaluate-and-train` first looks whether neighbours beat popularity on the last four weeks, as the trainer always does.
"""

import os
import pickle
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.metrics.pairwise import cosine_similarity
from sqlalchemy import create_engine

PURCHASES: Final = (
    "SELECT o.user_id, i.product_id, o.created_at AS occurred_at "
    "FROM orders o JOIN order_items i ON i.order_id = o.id WHERE COALESCE(o.status, '') <> 'cancelled'"
)
VIEWS: Final = "SELECT user_id, product_id, viewed_at AS occurred_at FROM product_views"
WEIGHTS: Final = {PURCHASES: 1.0, VIEWS: 0.3}
COLUMNS: Final = {"user_id": "int64", "product_id": "int64", "occurred_at": "datetime64[s]"}
MIN_COMMON_USERS: Final = 5
NEIGHBOURS: Final = 100
HOLDOUT: Final = pd.Timedelta(days=28)
ASKED_USERS: Final = 1_000
LIST_LENGTH: Final = 10


def read_events(url: str) -> pd.DataFrame:
    """Read purchases and views: user_id, product_id, occurred_at, weight."""
    engine = create_engine(url)
    kinds = [pd.read_sql(sql, engine, dtype=COLUMNS).assign(weight=weight) for sql, weight in WEIGHTS.items()]
    engine.dispose()
    events = pd.concat(kinds, ignore_index=True)
    return events.astype({"user_id": "category", "product_id": "category"})


def build_matrix(events: pd.DataFrame) -> sp.csr_matrix:
    """Add up the weights of each user and product: float32 (n_users, n_products)."""
    users, products = events["user_id"].cat, events["product_id"].cat
    shape = len(users.categories), len(products.categories)
    return sp.csr_matrix((events["weight"].to_numpy("float32"), (users.codes, products.codes)), shape=shape)


def find_neighbours(user_items: sp.csr_matrix) -> sp.csr_matrix:
    """Give each product's most similar products: float32 (n_products, n_products)."""
    n_products = user_items.shape[1]
    popular = np.flatnonzero(np.bincount(user_items.indices, minlength=n_products) >= MIN_COMMON_USERS)
    item_users = user_items[:, popular].T.tocsr()
    similarities = cosine_similarity(item_users, dense_output=False)
    bought = item_users.astype(bool).astype("int32")
    common_users = sp.csr_matrix(bought @ bought.T)
    common_users.data = (common_users.data >= MIN_COMMON_USERS).astype("float32")
    common_users.eliminate_zeros()
    similarities = similarities.multiply(common_users).tocsr()
    similarities.setdiag(0)
    rows, columns, scores = best_of_rows(similarities)
    return sp.csr_matrix((scores, (popular[rows], popular[columns])), shape=(n_products, n_products))


def best_of_rows(similarities: sp.csr_matrix) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Give row, column and score of each row's best."""
    rows, columns, scores = [], [], []
    for row in range(similarities.shape[0]):
        first, last = similarities.indptr[row], similarities.indptr[row + 1]
        found = similarities.data[first:last]
        best = np.argpartition(-found, NEIGHBOURS)[:NEIGHBOURS] if len(found) > NEIGHBOURS else np.arange(len(found))
        best = best[found[best] > 0]
        rows.append(np.full(len(best), row))
        columns.append(similarities.indices[first:last][best])
        scores.append(found[best])
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(scores)


def evaluate(events: pd.DataFrame) -> dict[str, float]:
    """Give the hit rates of neighbours and of popularity for users who took up something new in the last four weeks."""
    is_late = events["occurred_at"] > events["occurred_at"].max() - HOLDOUT
    user_items = build_matrix(events[~is_late])
    taken_up = build_matrix(events[is_late]).astype(bool).astype("float32")
    new = taken_up - taken_up.multiply(user_items.astype(bool))
    new.eliminate_zeros()
    able = np.flatnonzero((np.diff(user_items.indptr) > 0) & (np.diff(new.indptr) > 0))
    asked = np.random.default_rng(0).permutation(able)[:ASKED_USERS]
    history, new = user_items[asked], new[asked]
    popularity = np.repeat(np.asarray(user_items.sum(axis=0)), len(asked), axis=0)
    return {
        "neighbours": hit_rate((history @ find_neighbours(user_items)).toarray(), history, new),
        "popularity": hit_rate(popularity, history, new),
    }


def hit_rate(scores: NDArray[Any], history: sp.csr_matrix, new: sp.csr_matrix) -> float:
    """Give the share of users whose ten best products, of those that they had not had, hold one that they took up."""
    scores[history.nonzero()] = -np.inf
    listed = np.argpartition(-scores, LIST_LENGTH, axis=1)[:, :LIST_LENGTH]
    users = np.repeat(np.arange(len(listed)), LIST_LENGTH)
    hits = np.asarray(new[users, listed.ravel()]).reshape(listed.shape)
    return float((hits > 0).any(axis=1).mean())


def save(events: pd.DataFrame, neighbours: sp.csr_matrix, folder: Path) -> None:
    """Write a model and put it into service: `current` names its file."""
    path = folder / f"model-{time.time_ns()}.pickle"
    with path.open("wb") as file:
        model = {"product_ids": events["product_id"].cat.categories.to_numpy(), "neighbours": neighbours}
        pickle.dump(model, file, protocol=pickle.HIGHEST_PROTOCOL)
    link = folder / "current.new"
    link.write_text(path.name)
    os.replace(link, folder / "current")  # noqa: PTH105 (what most people write)


def train(url: str, folder: Path) -> None:
    """Train from all events."""
    train_from(read_events(url), folder)


def evaluate_and_train(url: str, folder: Path) -> None:
    """Evaluate, and train where neighbours are better than popularity."""
    events = read_events(url)
    rates = evaluate(events)
    print(f"hit rate {rates['neighbours']:.3f}, of popularity {rates['popularity']:.3f}")
    if rates["neighbours"] < rates["popularity"]:
        sys.exit("popularity is better: the model in service stays")
    train_from(events, folder)


def train_from(events: pd.DataFrame, folder: Path) -> None:
    """Find all neighbours and put them into service."""
    save(events, find_neighbours(build_matrix(events)), folder)


COMMANDS: Final[Mapping[str, Callable[[str, Path], None]]] = {"train": train, "evaluate-and-train": evaluate_and_train}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
