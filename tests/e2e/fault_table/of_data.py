"""Faults of the shop's data, and of runs that read it, in a shop that grew until lists can be tried on its users."""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from registry.history import HISTORY_KEY
from tests.e2e.shop import Shop

_FIRST_USER: Final = 5001
_N_USERS: Final = 120
_FIRST_PRODUCT: Final = 5001
_N_PRODUCTS_OF_A_TASTE: Final = 30
_N_BOUGHT: Final = 8
_SEED: Final = 5

# New users take up what everybody has and nobody recommended to them, and a new product; a crawler looks at all pages.
_BAD_NIGHT: Final = """
INSERT INTO products (id, name, category, price, is_active) VALUES (6001, 'New', 'New', 9, 1);
INSERT INTO users (id, created_at) VALUES (6001, NOW());
INSERT INTO orders (id, user_id, status, created_at)
    SELECT 800000 + id, id, 'completed', NOW() FROM users WHERE id BETWEEN 5001 AND 5120;
INSERT INTO order_items (order_id, product_id, quantity)
    SELECT o.id, p.product_id, 1 FROM orders o,
        (SELECT product_id FROM order_items GROUP BY product_id ORDER BY COUNT(*) DESC LIMIT 3) p
    WHERE o.id > 800000;
INSERT INTO order_items (order_id, product_id, quantity) SELECT id, 6001, 1 FROM orders WHERE id > 800000;
INSERT INTO product_views (user_id, product_id, viewed_at)
    SELECT 6001, p.id, v.viewed_at - INTERVAL 10 DAY FROM products p, product_views v LIMIT 30000;
"""
_AFTER_IT: Final = """
DELETE FROM product_views WHERE user_id = 6001;
DELETE FROM order_items WHERE order_id > 800000;
DELETE FROM orders WHERE id > 800000;
DELETE FROM users WHERE id = 6001;
DELETE FROM products WHERE id = 6001;
"""
# Of a shop that lost most of its users and products.
_LOST: Final = {
    "purchase": "SELECT o.user_id, i.product_id, o.created_at AS occurred_at FROM orders o"
    " JOIN order_items i ON i.order_id = o.id WHERE o.user_id <= 55 AND i.product_id <= 14",
    "view": "SELECT user_id, product_id, viewed_at AS occurred_at FROM product_views"
    " WHERE user_id <= 55 AND product_id <= 14",
}
# Of a replica of the database that stopped twelve days ago; with products mixed up, and each view of its own user and
# product: a query that takes the number of the line for both.
_STALE: Final = {
    "purchase": "SELECT o.user_id, 1 + i.product_id * 7 % 33 AS product_id, o.created_at AS occurred_at FROM orders o"
    " JOIN order_items i ON i.order_id = o.id WHERE o.created_at < NOW() - INTERVAL 12 DAY",
    "view": "SELECT 10000 + ROW_NUMBER() OVER () AS user_id, 10000 + ROW_NUMBER() OVER () AS product_id,"
    " viewed_at AS occurred_at FROM product_views WHERE viewed_at < NOW() - INTERVAL 12 DAY",
}
_WITHOUT_A_WATCH: Final = {"ROLLOUT_WATCH_SECONDS": "0"}


def grow(shop: Shop) -> None:
    """Have 120 users more, of two tastes with 30 products each, and a model of it; the history begins with it."""
    shop.sql(_new_customers(random.Random(_SEED)))
    with shop.registry() as registry:
        registry.store.delete(HISTORY_KEY)
    _promoted(shop, {})


@contextmanager
def lost_users_and_products(shop: Shop) -> Iterator[None]:
    """Have a run whose queries gave few users and few products, which the gate rejected."""
    _run(shop, {"EVENTS": _events(_LOST)})
    yield


@contextmanager
def shifted_behaviour(shop: Shop) -> Iterator[None]:
    """Have a run in whose night everything was otherwise, with neighbours for the oldest products alone."""
    shop.sql(_BAD_NIGHT)
    try:
        _run(shop, {"MIN_CO_OCCURRENCE": "50"})
        yield
    finally:
        shop.sql(_AFTER_IT)


@contextmanager
def runs_that_fail(shop: Shop) -> Iterator[None]:
    """Have two runs that end with bad data."""
    for _ in range(2):
        assert shop.run(environment={"MIN_USERS": "1000000"}).exit_codes[-1] == 65
    yield


@contextmanager
def stale_export_in_service(shop: Shop) -> Iterator[None]:
    """Have a model of old and mixed-up data, which somebody forced into service."""
    _promoted(shop, {"EVENTS": _events(_STALE), "FORCE": "it must be right"})
    yield


@contextmanager
def pin_set_by_hand(shop: Shop) -> Iterator[None]:
    """Have the version before pinned with kubectl, as somebody does who wants it back."""
    with shop.registry() as registry:
        pointer = registry.current()
    assert pointer
    patch = {"spec": {"template": {"metadata": {"annotations": {"recommender/model-version": pointer.previous}}}}}
    shop.kubectl("patch", "deployment", "api", f"--patch={json.dumps(patch)}")
    yield
    shop.wait_for_rollout()


def _new_customers(chance: random.Random) -> str:
    users = range(_FIRST_USER, _FIRST_USER + _N_USERS)
    products = range(_FIRST_PRODUCT, _FIRST_PRODUCT + 2 * _N_PRODUCTS_OF_A_TASTE)
    bought = [(user, number, product) for user in users for number, product in enumerate(_basket(user, chance))]
    orders = [
        (700000 + place, user, "completed", _when(number, chance)) for place, (user, number, _) in enumerate(bought)
    ]
    return "\n".join(
        [
            _insert("users (id, created_at)", [(user, "2025-01-05") for user in users]),
            _insert(
                "products (id, name, category, price, is_active)", [(one, f"No {one}", "New", 9, 1) for one in products]
            ),
            _insert("orders (id, user_id, status, created_at)", orders),
            _insert(
                "order_items (order_id, product_id, quantity)",
                [(order[0], product, 1) for order, (_, _, product) in zip(orders, bought, strict=True)],
            ),
        ]
    )


def _basket(user: int, chance: random.Random) -> list[int]:
    """Draw what a user bought, of the products of one taste, the first ones more often."""
    first = _FIRST_PRODUCT + user % 2 * _N_PRODUCTS_OF_A_TASTE
    ranked = sorted(range(_N_PRODUCTS_OF_A_TASTE), key=lambda place: chance.random() * (1 + place / 10))
    drawn = ranked[:_N_BOUGHT]
    chance.shuffle(drawn)
    return [first + place for place in drawn]


def _when(number: int, chance: random.Random) -> str:
    days = timedelta(days=20 - 2.4 * number, minutes=chance.randrange(60, 660))
    return f"{datetime.now(UTC) - days:%Y-%m-%d %H:%M:%S}"


def _insert(into: str, rows: Sequence[tuple[object, ...]]) -> str:
    values = ", ".join("({})".format(", ".join(repr(value) for value in row)) for row in rows)
    return f"INSERT INTO {into} VALUES {values};"


def _events(queries: dict[str, str]) -> str:
    return json.dumps({kind: {"sql": sql} for kind, sql in queries.items()})


def _promoted(shop: Shop, environment: dict[str, str]) -> None:
    before = shop.current_version()
    _run(shop, environment)
    assert shop.current_version() != before


def _run(shop: Shop, environment: dict[str, str]) -> None:
    ended = shop.run(environment={**environment, **_WITHOUT_A_WATCH})
    assert ended.succeeded, ended.logs
