"""Shops to serve: models of any size, made without training one."""

from pathlib import Path
from typing import Final

import numpy as np

from model.histories import Histories
from model.model import Model
from model.neighbours import Neighbours
from registry.files import FileStore
from registry.registry import Registry
from tests.builders import integer_ids, publish

_NEIGHBOURS: Final = 100
_HISTORY: Final = 50


def published_shop(folder: Path, n_products: int, n_users: int) -> Path:
    """Publish a shop of random neighbours, 100 each, and random histories, of 50 products each; ids begin with 1."""
    random = np.random.default_rng(1)
    indptr = np.arange(n_products + 1, dtype=np.int64) * _NEIGHBOURS
    # Distances from 1 up, so that no product is its own neighbour.
    near = (
        _distinct(random, n_products, _NEIGHBOURS, n_products - 1) + 1 + np.arange(n_products)[:, None]
    ) % n_products
    scores = -np.sort(-random.random((n_products, _NEIGHBOURS), np.float32), axis=1)
    items = _distinct(random, n_users, _HISTORY, n_products)
    model = Model(
        integer_ids(list(range(1, n_products + 1))),
        integer_ids(list(range(1, n_users + 1))),
        Neighbours(indptr, near.ravel().astype(np.int32), scores.ravel()),
        Histories(
            np.arange(n_users + 1, dtype=np.int64) * _HISTORY,
            items.ravel().astype(np.int32),
            random.random(n_users * _HISTORY, np.float32) + 0.1,
        ),
        random.random(n_products, np.float32),
    )
    publish(Registry(FileStore(folder)), model)
    return folder


def _distinct(
    random: np.random.Generator, n_rows: int, n_columns: int, n: int
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Give rows of distinct rising numbers below n, one out of each of `n_columns` equal parts."""
    part = n // n_columns
    return random.integers(0, part, (n_rows, n_columns)) + np.arange(n_columns) * part
