"""Shops of a few rows, written as plain SQL: what a shop's own database may hold."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine, text

from trainer.reading.extract import extract
from trainer.sample_shop.tables import SCHEMA
from trainer.settings import TrainerSettings

UNTIL: Final = datetime(2025, 1, 5, tzinfo=UTC)

NOW: Final = datetime.fromisoformat("2025-01-05 10:00:00")

Event = tuple[object, object, object]


def empty_shop(engine: Engine) -> None:
    """Make the default schema."""
    SCHEMA.create_all(engine)


def log_tables(engine: Engine, *, id_type: str = "BIGINT", time_type: str = "DATETIME") -> None:
    """Make two plain tables of events, without keys, so that any value fits."""
    with engine.begin() as connection:
        for table in ("bought", "seen"):
            columns = f"user_id {id_type}, product_id {id_type}, at {time_type}, amount DOUBLE"
            connection.execute(text(f"CREATE TABLE {table} ({columns})"))


def log_events(engine: Engine, table: str, events: Iterable[Event], amount: object = 1.0) -> None:
    """Add rows of (user_id, product_id, at) to one of these tables."""
    rows = [{"u": user, "p": product, "at": at, "amount": amount} for user, product, at in events]
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} VALUES (:u, :p, :at, :amount)"), rows)


def a_dense_shop(n_users: int, n_products: int) -> list[Event]:
    """Give events in which everybody bought everything."""
    return [(u, p, NOW + timedelta(minutes=u * p)) for u in range(n_users) for p in range(n_products)]


LOG_EVENTS: Final = (
    '{"purchase": {"sql": "SELECT user_id, product_id, at AS occurred_at FROM bought"},'
    ' "view": {"sql": "SELECT user_id, product_id, at AS occurred_at FROM seen;"}}'
)


def triples(database_url: str, **settings: object) -> list[tuple[str, str, int, str, float]]:
    """Extract, and give (user, product, second, kind, weight) of each event with the shop's own ids, in order."""
    events = extract(TrainerSettings.load(database_url=database_url, **settings))
    columns = (events.user_idx, events.item_idx, events.occurred_at, events.kind, events.weight)
    return sorted(
        (events.users.at(user), events.products.at(item), second, events.kinds[kind], round(weight, 6))
        for user, item, second, kind, weight in zip(*(column.tolist() for column in columns), strict=True)
    )
