"""The default schema, and the sample shop written into it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    create_engine,
    func,
    inspect,
    select,
)
from sqlalchemy.engine import URL, Connection

from runtime.errors import BadSettingsError
from trainer.reading.database import connection
from trainer.sample_shop.catalogue import CATALOGUE
from trainer.sample_shop.tastes import Ints, ShopEvents, ShopShape, generate

_SEED: Final = 20250105
_LARGEST_BASKET: Final = 6
_BASKET_GAP_SECONDS: Final = 4 * 86_400
_CANCELLED_SHARE: Final = 0.04

Row = dict[str, Any]
log = logging.getLogger(__name__)

SCHEMA: Final = MetaData()
USERS: Final = Table(
    "users", SCHEMA, Column("id", Integer, primary_key=True), Column("created_at", DateTime, nullable=False)
)
PRODUCTS: Final = Table(
    "products",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("category", String(100), nullable=False),
    Column("price", Numeric(10, 2), nullable=False),
    Column("is_active", Boolean, nullable=False),
)
ORDERS: Final = Table(
    "orders",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("created_at", DateTime, nullable=False, index=True),
)
ORDER_ITEMS: Final = Table(
    "order_items",
    SCHEMA,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("product_id", ForeignKey("products.id"), primary_key=True),
    Column("quantity", Integer, nullable=False),
)
PRODUCT_VIEWS: Final = Table(
    "product_views",
    SCHEMA,
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("product_id", ForeignKey("products.id"), nullable=False),
    Column("viewed_at", DateTime, nullable=False, index=True),
)


@dataclass(frozen=True)
class _Basket:
    """The products of one order, by rising time of purchase."""

    user: int
    created_at: int
    products: tuple[int, ...]


def fill(url: URL, shape: ShopShape | None = None, until: datetime | None = None, seed: int = _SEED) -> None:
    """Make the tables and fill them, with events up to midnight unless told otherwise.

    A database that has any of these tables with a row in it is left as it is. Raises BadSettingsError where it has
    other tables: it is somebody's own.
    """
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    with connection(engine, "making the sample shop") as opened, opened.begin():
        filled = [table.name for table in SCHEMA.sorted_tables if _has_rows(opened, table)]
        if filled:
            log.info("Nothing written: there are rows already in %s", ", ".join(filled))
            return
        _check_nobodys(opened)
        SCHEMA.create_all(opened)
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        _write(opened, shape or ShopShape(), until or midnight, seed)
    engine.dispose()


def _check_nobodys(opened: Connection) -> None:
    own = sorted(set(inspect(opened).get_table_names()) - set(SCHEMA.tables))
    if own:
        raise BadSettingsError(
            f"the database has tables of its own ({', '.join(own[:5])})",
            hint="The sample shop goes into an empty database only: check DB_NAME or DATABASE_URL",
        )


def _has_rows(opened: Connection, table: Table) -> bool:
    return inspect(opened).has_table(table.name) and bool(opened.scalar(select(func.count()).select_from(table)))


def _write(opened: Connection, shape: ShopShape, until: datetime, seed: int) -> None:
    events = generate(shape, until, seed)
    baskets = list(_baskets(events, shape.users))
    opened.execute(USERS.insert(), list(_user_rows(events, shape.users)))
    opened.execute(PRODUCTS.insert(), list(_product_rows()))
    cancelled = list(_cancelled(baskets, np.random.default_rng(seed)))
    opened.execute(ORDERS.insert(), list(_order_rows(baskets, cancelled)))
    opened.execute(ORDER_ITEMS.insert(), list(_item_rows([*baskets, *cancelled])))
    opened.execute(PRODUCT_VIEWS.insert(), list(_view_rows(events)))
    purchases = sum(len(basket.products) for basket in baskets)
    counts = (shape.users, f"{len(baskets) + len(cancelled):,}", f"{purchases:,}", f"{len(events.viewed):,}")
    log.info("Sample shop written: %d users, %s orders, %s purchases, %s views", *counts)


def _baskets(events: ShopEvents, n_users: int) -> Iterator[_Basket]:
    """Put purchases of one user that lie close together into one order, each product once."""
    for user in range(n_users):
        of_user = events.buyers == user
        products: list[int] = []
        opened_at = 0
        for product, moment in zip(events.bought[of_user].tolist(), events.bought_at[of_user].tolist(), strict=True):
            full = len(products) == _LARGEST_BASKET or product in products
            if products and (full or moment - opened_at > _BASKET_GAP_SECONDS):
                yield _Basket(user, opened_at, tuple(products))
                products = []
            opened_at = opened_at if products else moment
            products.append(product)
        if products:
            yield _Basket(user, opened_at, tuple(products))


def _cancelled(baskets: list[_Basket], rng: np.random.Generator) -> Iterator[_Basket]:
    """Give orders that were placed an hour before another one, and cancelled."""
    chosen: Ints = rng.choice(len(baskets), round(len(baskets) * _CANCELLED_SHARE), replace=False)
    for index in sorted(chosen.tolist()):
        basket = baskets[index]
        yield _Basket(basket.user, basket.created_at - 3600, basket.products)


def _user_rows(events: ShopEvents, n_users: int) -> Iterator[Row]:
    first = np.full(n_users, np.iinfo(np.int64).max)
    np.minimum.at(first, events.buyers, events.bought_at)
    np.minimum.at(first, events.viewers, events.viewed_at)
    for user, moment in enumerate(first.tolist()):
        yield {"id": user + 1, "created_at": _time(moment) - timedelta(days=1)}


def _product_rows() -> Iterator[Row]:
    listed = [(category, *product) for category, products in CATALOGUE.items() for product in products]
    for product, (category, name, price) in enumerate(listed):
        yield {"id": product + 1, "name": name, "category": category, "price": price, "is_active": True}


def _order_rows(baskets: list[_Basket], cancelled: list[_Basket]) -> Iterator[Row]:
    statuses = ["completed"] * len(baskets) + ["cancelled"] * len(cancelled)
    for order, (basket, status) in enumerate(zip([*baskets, *cancelled], statuses, strict=True)):
        created_at = _time(basket.created_at)
        yield {"id": order + 1, "user_id": basket.user + 1, "status": status, "created_at": created_at}


def _item_rows(baskets: list[_Basket]) -> Iterator[Row]:
    for order, basket in enumerate(baskets):
        for product in basket.products:
            yield {"order_id": order + 1, "product_id": product + 1, "quantity": 1 + (order + product) % 7 // 6}


def _view_rows(events: ShopEvents) -> Iterator[Row]:
    columns = (events.viewers.tolist(), events.viewed.tolist(), events.viewed_at.tolist())
    for user, product, moment in zip(*columns, strict=True):
        yield {"user_id": user + 1, "product_id": product + 1, "viewed_at": _time(moment)}


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
