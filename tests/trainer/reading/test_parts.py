"""A query in parts gives each row once, whatever its users are."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.trainer.shops import log_events, log_tables
from trainer.reading.database import connection
from trainer.reading.parts import parts_of

SQL = "SELECT user_id, product_id, at AS occurred_at FROM bought;"
NEW_YEAR = "2025-01-01 12:30:00"
Rows = Counter[tuple[object, ...]]


@pytest.fixture
def bought(shop: Engine) -> Callable[..., Engine]:
    """Give a database of each kind, in which users of these ids have bought something."""

    def by(*users: object, id_type: str = "BIGINT") -> Engine:
        log_tables(shop, id_type=id_type)
        if users:
            log_events(shop, "bought", [(user, number, NEW_YEAR) for number, user in enumerate(users)])
        return shop

    return by


def rows_of(engine: Engine, sql: str) -> Rows:
    with connection(engine, "a test") as opened:
        return Counter(tuple(row) for row in opened.exec_driver_sql(sql))


def assert_whole(engine: Engine, n: int, sql: str = SQL) -> list[str]:
    """Each row of the query is in one of its parts; give these."""
    parts = parts_of(engine, sql, n, "a test")
    assert 1 <= len(parts) <= n
    together: Rows = Counter()
    for part in parts:
        together += rows_of(engine, part)
    assert together == rows_of(engine, sql)
    return parts


@pytest.mark.parametrize("n", [1, 2, 3, 8])
@pytest.mark.parametrize(
    "users",
    [
        range(1, 60),
        [5],
        [5, 5, 5],
        [5, 6],
        [None, 1, 2, None, 3, 900],
        [None, None],
        [-40, -3, 0, 0, 7, 40],
        [1, 2**62, 2**63 - 1],
        [-(2**63), 0, 2**63 - 1],
        [],
    ],
    ids=repr,
)
def test_each_row_is_in_one_part(bought: Callable[..., Engine], users: list[object], n: int) -> None:
    assert_whole(bought(*users), n)


def test_users_are_shared_out(bought: Callable[..., Engine]) -> None:
    engine = bought(*range(1, 101))
    sizes = [sum(rows_of(engine, part).values()) for part in assert_whole(engine, 4)]
    assert sizes == [25, 25, 25, 25]


@pytest.mark.parametrize("id_type", ["VARCHAR(20)", "DOUBLE"])
def test_users_that_are_no_integers_are_one_part(bought: Callable[..., Engine], id_type: str) -> None:
    engine = bought("1", "7", "30", id_type=id_type)
    assert assert_whole(engine, 4) == [SQL]


def test_no_more_parts_than_users(bought: Callable[..., Engine]) -> None:
    assert len(assert_whole(bought(1, 2, 3), 50)) <= 4


def test_ids_beyond_a_signed_number_are_whole_too(mariadb_url: str) -> None:
    engine = create_engine(mariadb_url)
    with engine.begin() as opened:
        opened.execute(text("CREATE TABLE far (user_id BIGINT UNSIGNED, product_id INT)"))
        opened.execute(text("INSERT INTO far VALUES (1, 1), (9223372036854775807, 2), (18446744073709551615, 3)"))
    assert_whole(engine, 4, "SELECT user_id, product_id FROM far")
    engine.dispose()


def test_signs_of_drivers_in_a_query_stay_as_they_are(bought: Callable[..., Engine]) -> None:
    engine = bought(1, 2, 3, 4)
    assert_whole(engine, 2, f"{SQL.rstrip(';')} WHERE at NOT LIKE '%s:name %% %(x)s'")
