"""A shop of any size that a release's own MariaDB makes out of numbers, in the tables of the sample shop."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from tests.e2e.shop import Shop
from trainer.sample_shop.tables import SCHEMA

_PURCHASED_SHARE: Final = 0.3
_PRODUCTS_AT_A_MILLION: Final = 10_000
_ITEMS_OF_AN_ORDER: Final = 3
_DAYS: Final = 180
# So many rows a statement: what it would have to undo stays small, and no client waits for it too long.
_ROWS: Final = 3_000_000
# Some users do several times as much as others, and few products get most of it.
_USERS_POWER: Final = 1.25
_PRODUCTS_POWER: Final = 3


@dataclass(frozen=True)
class BigShop:
    """About so many events, three purchases in ten and the rest views, all before `until`. Its rows are seeded."""

    events: int
    events_of_a_user: int
    until: datetime

    @property
    def users(self) -> int:
        """How many users there are."""
        return max(1, self.events // self.events_of_a_user)

    @property
    def products(self) -> int:
        """How many products there are: of ten times the events about three times as many."""
        return round(_PRODUCTS_AT_A_MILLION * math.sqrt(self.events / 1e6))

    @property
    def orders(self) -> int:
        """How many orders there are, of three products each, or fewer where one is drawn twice."""
        return round(_PURCHASED_SHARE * self.events) // _ITEMS_OF_AN_ORDER

    @property
    def views(self) -> int:
        """How many views there are."""
        return self.events - self.orders * _ITEMS_OF_AN_ORDER

    def put_into(self, shop: Shop) -> None:
        """Take the place of what is in the release's database."""
        for statement in self._statements():
            shop.sql(statement)

    def _statements(self) -> Iterator[str]:
        """Give the statements; tables have their primary keys only, as the trainer's queries use no others."""
        for table in reversed(SCHEMA.sorted_tables):
            yield f"DROP TABLE IF EXISTS {table.name}"
        for table in SCHEMA.sorted_tables:
            yield str(CreateTable(table, include_foreign_key_constraints=[]).compile(dialect=mysql.dialect()))
        yield from _filled("users (id, created_at)", f"seq, {self._day(0)}", self.users)
        product = "seq, CONCAT('Product ', seq), CONCAT('Category ', seq % 20), 9.99, 1"
        yield from _filled("products (id, name, category, price, is_active)", product, self.products)
        order = f"seq, {self._user(self.orders)}, 'completed', {self._moment}"
        yield from _filled("orders (id, user_id, status, created_at)", order, self.orders)
        item = f"1 + (seq - 1) DIV {_ITEMS_OF_AN_ORDER}, {self._product}, 1"
        yield from _filled("order_items (order_id, product_id, quantity)", item, self.orders * _ITEMS_OF_AN_ORDER)
        view = f"{self._user(self.views)}, {self._product}, {self._moment}"
        yield from _filled("product_views (user_id, product_id, viewed_at)", view, self.views)

    def _user(self, rows: int) -> str:
        """Draw a user, by rising number, so that rows come in the order in which they are stored."""
        return f"1 + FLOOR(POW((seq - 1) / {rows}, {_USERS_POWER}) * {self.users})"

    @property
    def _product(self) -> str:
        return f"1 + FLOOR({self.products} * POW(RAND(:seed), {_PRODUCTS_POWER}))"

    @property
    def _moment(self) -> str:
        return f"{self._day(0)} + INTERVAL FLOOR(RAND(:seed + 1) * {_DAYS * 86_400}) SECOND"

    def _day(self, day: int) -> str:
        return f"TIMESTAMP'{self.until:%Y-%m-%d %H:%M:%S}' - INTERVAL {_DAYS - day} DAY"


def _filled(table: str, row: str, rows: int) -> Iterator[str]:
    for first in range(1, rows + 1, _ROWS):
        numbers = f"seq_{first}_to_{min(rows, first + _ROWS - 1)}"
        values = row.replace(":seed", str(first))
        yield f"SET unique_checks = 0; INSERT IGNORE INTO {table} SELECT {values} FROM {numbers}"
