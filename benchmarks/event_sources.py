"""Shops as columns of events, without a database in between: real ones and made-up ones."""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.generated_shops import GeneratedShop, generated_tables
from benchmarks.journey import shop_tables
from model.ids import IntegerIds
from trainer.events import Events
from trainer.sample_shop.tastes import ShopShape, generate

KINDS: Final = ("purchase", "view")
_WEIGHTS: Final = np.array([1.0, 0.3], np.float32)
_SEED: Final = 20250105


def complete_journey() -> Events:
    """Give all 1,469,307 purchases. Raises BadSettingsError where the data set is not installed."""
    return _purchases(shop_tables())


def generated_shop(shop: GeneratedShop) -> Events:
    """Give the purchases of a shop of any size, in which nothing is believable but the sizes."""
    return _purchases(generated_tables(shop))


def sample_shop(shape: ShopShape | None = None) -> Events:
    """Give the events of the sample shop, or of one like it of another size."""
    shop = generate(shape or ShopShape(), datetime(2025, 1, 5, tzinfo=UTC), _SEED)
    return _events(
        np.concatenate([shop.buyers, shop.viewers]),
        np.concatenate([shop.bought, shop.viewed]),
        np.concatenate([shop.bought_at, shop.viewed_at]),
        np.repeat(np.arange(2, dtype=np.uint8), [len(shop.buyers), len(shop.viewers)]),
    )


def _purchases(tables: dict[str, pa.Table]) -> Events:
    orders, items = tables["orders"], tables["order_items"]
    places = np.searchsorted(orders["id"].to_numpy(), items["order_id"].to_numpy())
    users, products = orders["user_id"].to_numpy()[places], items["product_id"].to_numpy()
    times = orders["created_at"].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()[places]
    return _events(users, products, times, np.zeros(len(users), np.uint8))


def _events(
    users: NDArray[np.int64], products: NDArray[np.int64], times: NDArray[np.int64], kind: NDArray[np.uint8]
) -> Events:
    user_ids, user_idx = np.unique(users, return_inverse=True)
    product_ids, item_idx = np.unique(products, return_inverse=True)
    return Events(
        IntegerIds(user_ids.astype(np.int64)),
        IntegerIds(product_ids.astype(np.int64)),
        KINDS,
        user_idx.astype(np.int32),
        item_idx.astype(np.int32),
        _WEIGHTS[kind],
        times.astype(np.uint32),
        kind,
    )
