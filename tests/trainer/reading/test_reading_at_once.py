"""Kinds of events that are read at the same time: how many connections, what goes on meanwhile, and what goes wrong."""

import json
import os
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from runtime.errors import BadDataError, BadSettingsError
from tests.parts.mariadb import MariaDb
from tests.trainer.shops import LOG_EVENTS, log_events, log_tables, triples

NEW_YEAR = "2025-01-01 12:30:00"
THINKING_SECONDS = 0.6


def columns_of(table: str) -> str:
    return f"SELECT user_id, product_id, at AS occurred_at FROM {table}"


def thinking(table: str) -> str:
    """Give a query whose first row takes its time."""
    return f"SELECT t.* FROM (SELECT SLEEP({THINKING_SECONDS}) AS slept) AS s STRAIGHT_JOIN ({columns_of(table)}) AS t"


def zero_dated(table: str) -> str:
    """Give a query whose times are MySQL's zero date, at which ConnectorX panics."""
    return f"SELECT user_id, product_id, CAST('0000-00-00' AS DATETIME) AS occurred_at FROM {table}"


THREE_THINKING_KINDS = {
    "purchase": {"sql": thinking("bought")},
    "view": {"sql": thinking("seen")},
    "cart": {"sql": thinking("seen"), "weight": 1},
}


@pytest.fixture
def log_url(mariadb_url: str) -> str:
    """Give the URL of a database in which one product was bought, and another seen."""
    engine = create_engine(make_url(mariadb_url))
    log_tables(engine)
    log_events(engine, "bought", [(1, 10, NEW_YEAR)])
    log_events(engine, "seen", [(1, 20, NEW_YEAR)])
    engine.dispose()
    return mariadb_url


def seen_meanwhile(look: Callable[[], float], url: str, **settings: object) -> list[float]:
    """Extract, and give what `look` saw again and again from another thread of this process."""
    seen, done = [look()], threading.Event()

    def keep_looking() -> None:
        while not done.wait(0.02):
            seen.append(look())

    looking = threading.Thread(target=keep_looking)
    looking.start()
    try:
        triples(url, **settings)
    finally:
        done.set()
        looking.join()
    return seen


@pytest.mark.parametrize("connections", [1, 2])
def test_no_more_connections_are_open_at_once_than_the_setting_says(
    mariadb: MariaDb, log_url: str, connections: int
) -> None:
    watching = create_engine(make_url(mariadb.url("information_schema")))
    counted = f"SELECT COUNT(*) FROM processlist WHERE db = '{make_url(log_url).database}'"

    def count() -> float:
        with watching.connect() as opened:
            return float(opened.exec_driver_sql(counted).scalar_one())

    counts = seen_meanwhile(count, log_url, events=THREE_THINKING_KINDS, db_connections=connections)
    watching.dispose()
    assert max(counts) == connections


def test_an_account_that_may_hold_one_connection_reads_in_bulk_one_kind_after_the_other(
    mariadb: MariaDb, log_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    mariadb.execute("CREATE OR REPLACE USER single@'%' IDENTIFIED BY 's' WITH MAX_USER_CONNECTIONS 1")
    mariadb.execute(f"GRANT SELECT ON {make_url(log_url).database}.* TO single@'%'")
    url = make_url(log_url).set(username="single", password="s").render_as_string(hide_password=False)
    assert len(triples(url, events=json.loads(LOG_EVENTS), db_connections=1)) == 2
    assert "row by row" not in caplog.text


def test_other_threads_go_on_while_the_database_thinks(log_url: str) -> None:
    """Such as the one that renews the Lease, which a run loses after 20 s without it."""
    moments = seen_meanwhile(time.monotonic, log_url, events=THREE_THINKING_KINDS)
    assert max(later - earlier for earlier, later in pairwise(moments)) < THINKING_SECONDS / 2


def test_only_the_kind_that_cannot_be_read_in_bulk_is_read_row_by_row(
    log_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    events = {"purchase": {"sql": f"{columns_of('bought')} UNION ALL {zero_dated('seen')}"}}
    assert [event[3] for event in triples(log_url, events={**json.loads(LOG_EVENTS), **events})] == ["purchase", "view"]
    assert "Reading the purchase query in bulk failed" in caplog.text
    assert "the view query" not in caplog.text


def test_what_rust_prints_of_two_panics_at_once_reaches_nobody_and_what_follows_does(
    log_url: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    events = {"purchase": {"sql": zero_dated("bought")}, "view": {"sql": zero_dated("seen")}}
    with pytest.raises(BadDataError, match="the purchase query gave no event that can be used"):
        triples(log_url, events=events)
    assert "Reading the purchase query in bulk failed" in caplog.text
    os.write(2, b"what follows")
    assert capfd.readouterr().err == "what follows"


def test_a_query_that_fails_only_when_rows_are_read_is_named_whichever_it_is(log_url: str) -> None:
    failing = f"{columns_of('seen')} WHERE user_id = (SELECT user_id FROM seen UNION ALL SELECT user_id FROM bought)"
    with pytest.raises(BadSettingsError, match=r"the view query does not fit .* more than 1 row"):
        triples(log_url, events={"purchase": {"sql": columns_of("bought")}, "view": {"sql": failing}})
