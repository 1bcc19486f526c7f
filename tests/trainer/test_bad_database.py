"""Bad databases: one clear line that names what, where and what to do, and the exit code."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from registry.files import FileStore
from registry.history import read_history
from registry.registry import Registry
from tests.parts.mariadb import MariaDb
from tests.parts.processes import free_port
from tests.parts.tcp_proxy import tcp_proxy
from tests.trainer.running import assert_one_clear_line, train
from tests.trainer.shops import LOG_EVENTS, a_dense_shop, log_events, log_tables

pytestmark = pytest.mark.usefixtures("store_path")


def test_a_shop_in_mariadb_is_trained_with_db_settings_alone(shop_settings: dict[str, str], store_path: Path) -> None:
    assert train("sample-shop", **shop_settings).exit_code == 0
    assert train(**shop_settings).exit_code == 0
    pointer = Registry(FileStore(store_path)).current()
    assert pointer
    assert Registry(FileStore(store_path)).manifest(pointer.version).metrics["n_interactions"] == 3331


def test_a_database_user_who_may_only_read_is_enough(mariadb: MariaDb, shop_settings: dict[str, str]) -> None:
    assert train("sample-shop", **shop_settings).exit_code == 0
    mariadb.execute("CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'r'")
    mariadb.execute(f"GRANT SELECT ON {shop_settings['DB_NAME']}.* TO reader@'%'")
    ended = train(**{**shop_settings, "DB_USER": "reader", "DB_PASSWORD": "r"})
    assert ended.exit_code == 0, ended.log
    assert "row by row" not in ended.log


def test_database_down(shop_settings: dict[str, str]) -> None:
    port = str(free_port())
    ended = train(**{**shop_settings, "DB_PORT": port})
    assert_one_clear_line(ended, 75, f"127.0.0.1:{port}", "Can't connect", "Is it up, and reachable from here?")


def test_wrong_password(shop_settings: dict[str, str]) -> None:
    ended = train(**{**shop_settings, "DB_PASSWORD": "wrong-secret"})
    assert_one_clear_line(ended, 64, "the database refuses", "Access denied for user 'shop'", "DB_PASSWORD")
    assert "wrong-secret" not in ended.log


def test_unknown_database(shop_settings: dict[str, str]) -> None:
    ended = train(**{**shop_settings, "DB_NAME": "nosuch"})
    assert_one_clear_line(ended, 64, "Unknown database 'nosuch'", "Check DB_NAME")


def test_missing_table_names_the_query_and_the_table(shop_settings: dict[str, str]) -> None:
    assert_one_clear_line(train(**shop_settings), 64, "the purchase query", "orders' doesn't exist", "EVENTS")


def test_missing_table_on_sqlite(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    ended = train(DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    assert_one_clear_line(ended, 64, "the purchase query", "no such table: orders", "EVENTS")


def test_missing_column_names_the_query_and_the_column(shop: Engine) -> None:
    with shop.begin() as connection:
        connection.execute(text("DROP TABLE product_views"))
        connection.execute(text("CREATE TABLE product_views (user_id INT, product_id INT)"))
    assert_one_clear_line(train(), 64, "the view query", "viewed_at", "EVENTS")


def test_a_query_with_other_columns_names_what_it_lacks() -> None:
    Path("shop.db").touch()
    ended = train(
        DATABASE_URL="sqlite:///shop.db",
        EVENTS='{"purchase": {"sql": "SELECT 1 AS customer, 2 AS product_id, 3 AS at"}}',
    )
    parts = ("the purchase query gives the columns customer, product_id, at", "it lacks user_id, occurred_at", "AS")
    assert_one_clear_line(ended, 64, *parts)


def test_sql_that_fails_only_when_rows_are_read_is_a_wrong_setting(
    mariadb_url: str, shop_settings: dict[str, str]
) -> None:
    log_tables(create_engine(make_url(mariadb_url)))
    log_events(create_engine(make_url(mariadb_url)), "bought", a_dense_shop(2, 2))
    sql = "SELECT user_id, product_id, at AS occurred_at FROM bought WHERE user_id = (SELECT user_id FROM bought)"
    events = json.dumps({"purchase": {"sql": sql}, "view": {"weight": 0}})
    ended = train(**shop_settings, EVENTS=events)
    assert_one_clear_line(ended, 64, "the purchase query does not fit the database", "more than 1 row", "EVENTS")


def test_a_database_that_drops_the_connection_halfway_is_tried_again(
    mariadb: MariaDb, mariadb_url: str, shop_settings: dict[str, str], store_path: Path
) -> None:
    log_tables(create_engine(make_url(mariadb_url)))
    log_events(create_engine(make_url(mariadb_url)), "bought", a_dense_shop(400, 100))
    with tcp_proxy(mariadb.port) as proxy:
        proxy.cut_after(200_000)
        ended = train(**{**shop_settings, "DB_PORT": str(proxy.port)}, EVENTS=LOG_EVENTS)
    assert_one_clear_line(ended, 75, "failed at the purchase query", "Is it up, and reachable")
    assert Registry(FileStore(store_path)).current() is None
    assert read_history(FileStore(store_path))[-1].outcome == "failed"


def test_no_database_settings_and_no_sample_shop() -> None:
    parts = ("there is no database file", "var/shop.db", "DB_HOST", "python -m trainer sample-shop")
    assert_one_clear_line(train(), 64, *parts)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("this is no database, however long it may be " * 100)
    ended = train(DATABASE_URL=f"sqlite:///{tmp_path}/notes.txt")
    assert_one_clear_line(ended, 64, "notes.txt is no SQLite database", "DATABASE_URL")
