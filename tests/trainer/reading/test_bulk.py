"""What ConnectorX cannot read is read row by row, and its panics never reach the user."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from runtime.errors import BadDataError
from tests.parts.mariadb import MariaDb
from tests.trainer.shops import triples
from trainer.reading.spooling import BATCH_ROWS

NO_VIEWS = {"view": {"weight": 0}}


def sqlite_with(path: Path, script: str) -> str:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return f"sqlite:///{path}"


def test_values_that_do_not_fit_their_column_are_read_row_by_row(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    url = sqlite_with(
        tmp_path / "odd.db",
        "CREATE TABLE bought (user_id INTEGER, product_id INTEGER, at DATETIME);"
        "INSERT INTO bought VALUES ('anna', 1, '2025-01-01 10:00:00'), ('bert', 2, 'yesterday');",
    )
    events = {"purchase": {"sql": "SELECT user_id, product_id, at AS occurred_at FROM bought"}, **NO_VIEWS}
    assert [event[:2] for event in triples(url, events=events)] == [("anna", "1")]
    assert "reading it row by row" in caplog.text
    assert "Skipped 1 purchase records without a usable time" in caplog.text
    assert "panicked" not in capfd.readouterr().err


def test_what_was_read_before_reading_in_bulk_failed_is_not_counted_twice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    n_rows = BATCH_ROWS + 100
    url = sqlite_with(
        tmp_path / "late.db",
        "CREATE TABLE bought (user_id INTEGER, product_id INTEGER, at DATETIME);"
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n_rows}) "
        "INSERT INTO bought SELECT i % 50, i % 20, '2025-01-01 10:00:00' FROM n;"
        "INSERT INTO bought VALUES (1, 1, 'yesterday');",
    )
    events = {"purchase": {"sql": "SELECT user_id, product_id, at AS occurred_at FROM bought"}, **NO_VIEWS}
    assert len(triples(url, events=events)) == n_rows
    assert "reading it row by row" in caplog.text


def test_a_column_that_mixes_types_is_refused_by_name(tmp_path: Path) -> None:
    url = sqlite_with(
        tmp_path / "mixed.db",
        "CREATE TABLE bought (user_id, product_id, at DATETIME);"
        "INSERT INTO bought VALUES ('anna', 1, '2025-01-01 10:00:00'), (7, 2, '2025-01-01 10:00:00');",
    )
    events = {"purchase": {"sql": "SELECT user_id, product_id, at AS occurred_at FROM bought"}, **NO_VIEWS}
    with pytest.raises(BadDataError, match="the purchase query: the column user_id holds values of different types"):
        triples(url, events=events)


def test_zero_dates_of_mysql_are_skipped(
    mariadb: MariaDb, mariadb_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    mariadb.execute(f"CREATE TABLE {name}.bought (user_id INT, product_id INT, at DATETIME)")
    mariadb.execute(f"INSERT IGNORE INTO {name}.bought VALUES (1, 2, '0000-00-00'), (1, 3, '2025-01-01')")
    events = {"purchase": {"sql": "SELECT user_id, product_id, at AS occurred_at FROM bought"}, **NO_VIEWS}
    assert [event[:2] for event in triples(mariadb_url, events=events)] == [("1", "3")]
    assert "Skipped 1 purchase records without a usable time" in caplog.text
    assert "panicked" not in capfd.readouterr().err


def test_ids_of_a_type_that_connectorx_does_not_know_are_read_row_by_row(mariadb: MariaDb, mariadb_url: str) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    mariadb.execute(f"CREATE TABLE {name}.bought (user_id BIGINT UNSIGNED, product_id UUID, at TIMESTAMP)")
    uuid = "123e4567-e89b-12d3-a456-426614174000"
    mariadb.execute(f"INSERT INTO {name}.bought VALUES (18446744073709551615, '{uuid}', '2025-01-01')")
    events = {"purchase": {"sql": "SELECT user_id, product_id, at AS occurred_at FROM bought"}, **NO_VIEWS}
    assert [event[:2] for event in triples(mariadb_url, events=events)] == [("18446744073709551615", uuid)]


@pytest.mark.parametrize("name", ["with space", "50%", "Đặng", "a?b#c"])
def test_a_database_file_of_any_name_is_read_in_bulk(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / name
    sqlite_with(
        path, "CREATE TABLE bought (u INTEGER, p INTEGER, at DATETIME); INSERT INTO bought VALUES (1, 2, NULL);"
    )
    url = URL.create("sqlite", database=str(path)).render_as_string()
    events = {"purchase": {"sql": "SELECT u user_id, p product_id, 1735734600 AS occurred_at FROM bought"}, **NO_VIEWS}
    assert len(triples(url, events=events)) == 1
    assert "row by row" not in caplog.text
