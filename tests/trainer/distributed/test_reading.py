"""Events that workers read are those that this process reads; a database is asked no more at once than it may be."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from runtime.errors import BadDataError, BadSettingsError, TryAgainError
from tests.parts.mariadb import MariaDb
from tests.trainer.distributed.teams import team_on
from tests.trainer.shops import LOG_EVENTS, Event, log_events, log_tables
from trainer.arrays.scratch import IN_MEMORY
from trainer.distributed.client import Connected
from trainer.distributed.reading import ReadingByWorkers
from trainer.events import Events
from trainer.reading.bulk import bulk_address
from trainer.reading.extract import extract, read_events
from trainer.settings import TrainerSettings

NEW_YEAR = "2025-01-01 12:30:00"
Extract = Callable[..., Events]


def some_events(n: int, seed: int = 1) -> list[Event]:
    """Give events of which some have no user."""
    rng = np.random.default_rng(seed)
    users, products = rng.integers(-20, 300, n).tolist(), rng.integers(1, 60, n).tolist()
    minutes = rng.integers(0, 60, n).tolist()
    rows = zip(users, products, minutes, strict=True)
    return [(None if user % 17 == 3 else user, product, f"2025-01-01 12:{m:02}:00") for user, product, m in rows]


@pytest.fixture
def by_workers(two_workers: Connected, tmp_path: Path) -> Extract:
    """Give a function that extracts by workers, with settings as they are given, as if there were so many workers."""

    def extracted(url: str, said: int = 50, **settings: object) -> Events:
        loaded = TrainerSettings.load(**{"events": json.loads(LOG_EVENTS), **settings, "database_url": url})
        store, shelf = tmp_path / "store", tmp_path / "shelf"
        shelf.mkdir(exist_ok=True)
        address = bulk_address(loaded.sqlalchemy_url())
        with team_on(two_workers, store.as_uri(), shelf, database=address, said=said) as team:
            events = extract(loaded, IN_MEMORY, ReadingByWorkers(team))
            assert [path for path in store.rglob("*") if path.is_file() and path.name != ".lock"] == []
            assert [path for path in shelf.rglob("*") if path.is_file()] == []
        return events

    return extracted


def here(url: str, **settings: object) -> Events:
    loaded = TrainerSettings.load(**{"events": json.loads(LOG_EVENTS), **settings, "database_url": url})
    return extract(loaded, IN_MEMORY, read_events)


def sorted_rows(events: Events) -> list[tuple[object, ...]]:
    columns = (events.user_idx, events.item_idx, events.occurred_at, events.kind, events.weight)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def assert_same(one: Events, other: Events) -> None:
    """Compare ids, kinds and all rows; users' ranges may come in another order than the database's own."""
    assert one.kinds == other.kinds
    for ours, theirs, column in ((one.users, other.users, one.user_idx), (one.products, other.products, one.item_idx)):
        assert [ours.at(number) for number in np.unique(column)] == [theirs.at(number) for number in np.unique(column)]
    for name in ("user_idx", "item_idx", "occurred_at", "kind", "weight"):
        assert getattr(one, name).dtype == getattr(other, name).dtype
    assert sorted_rows(one) == sorted_rows(other)


@pytest.fixture
def log_shop(shop: Engine) -> Engine:
    """Give a database of each kind with two tables of events."""
    log_tables(shop)
    log_events(shop, "bought", some_events(3_000))
    log_events(shop, "seen", some_events(5_000, seed=2))
    return shop


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@pytest.mark.parametrize("connections", [1, 2, 5, 8])
def test_events_are_the_same_however_many_parts(
    log_shop: Engine, by_workers: Extract, connections: int, caplog: pytest.LogCaptureFixture
) -> None:
    url = url_of(log_shop)
    assert_same(by_workers(url, db_connections=connections), here(url))
    assert "row by row" not in caplog.text


def test_no_more_parts_than_workers_can_read_at_once(log_shop: Engine, two_workers: Connected, tmp_path: Path) -> None:
    """Without an index on the user, each part has the database look through the whole table."""
    settings = TrainerSettings.load(database_url=url_of(log_shop), events=json.loads(LOG_EVENTS), db_connections=100)
    address = bulk_address(settings.sqlalchemy_url())
    with team_on(two_workers, (tmp_path / "store").as_uri(), tmp_path, database=address, said=4) as team:
        assert_same(extract(settings, IN_MEMORY, ReadingByWorkers(team)), here(url_of(log_shop)))
        assert len(team.handed_out) == 4


def test_more_parts_than_rows(shop: Engine, by_workers: Extract) -> None:
    log_tables(shop)
    for table in ("bought", "seen"):
        log_events(shop, table, [(user, 1, NEW_YEAR) for user in (3, 4, 900)])
    assert_same(by_workers(url_of(shop), db_connections=16), here(url_of(shop)))


def test_what_is_skipped_is_counted_as_before(
    log_shop: Engine, by_workers: Extract, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    here(url_of(log_shop))
    told = [record.getMessage() for record in caplog.records if record.name == "trainer.reading.extract"]
    caplog.clear()
    by_workers(url_of(log_shop), db_connections=6)
    assert [record.getMessage() for record in caplog.records if record.name == "trainer.reading.extract"] == told
    assert "without a user_id" in " ".join(told)


def test_users_of_text_are_read_whole(shop: Engine, by_workers: Extract) -> None:
    log_tables(shop, id_type="VARCHAR(20)")
    for table in ("bought", "seen"):
        rows = [(user and f"u{user}", f"p{product}", at) for user, product, at in some_events(2_000)]
        log_events(shop, table, rows)
    assert_same(by_workers(url_of(shop), db_connections=6), here(url_of(shop)))


def test_many_batches_are_several_pieces(
    mariadb_url: str, by_workers: Extract, caplog: pytest.LogCaptureFixture
) -> None:
    """More rows than a batch has, of which one part has all but a few."""
    engine = create_engine(make_url(mariadb_url))
    log_tables(engine)
    with engine.begin() as opened:
        opened.execute(text(f"INSERT INTO bought SELECT seq % 7, seq % 50, '{NEW_YEAR}', 1 FROM seq_1_to_200000"))
        opened.execute(text(f"INSERT INTO bought VALUES (1000000, 1, '{NEW_YEAR}', 1)"))
    events = by_workers(mariadb_url, db_connections=4)
    assert len(events) == 200_001
    assert_same(events, here(mariadb_url))
    assert "row by row" not in caplog.text
    engine.dispose()


ZERO_DATED = "SELECT user_id, product_id, CAST('0000-00-00' AS DATETIME) AS occurred_at FROM seen"


def test_what_workers_cannot_read_is_read_here_row_by_row(
    mariadb: MariaDb, mariadb_url: str, by_workers: Extract, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine(make_url(mariadb_url))
    log_tables(engine)
    for table in ("bought", "seen"):
        log_events(engine, table, some_events(500))
    sql = f"SELECT user_id, product_id, at AS occurred_at FROM bought UNION ALL {ZERO_DATED}"
    events = {**json.loads(LOG_EVENTS), "purchase": {"sql": sql}}
    assert_same(by_workers(mariadb_url, db_connections=4, events=events), here(mariadb_url, events=events))
    assert "Reading the purchase query in bulk failed" in caplog.text
    assert "the view query" not in caplog.text
    for secret in (mariadb.password, make_url(mariadb_url).render_as_string(hide_password=False)):
        assert secret not in caplog.text
    assert "p%40ss" not in caplog.text
    engine.dispose()


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ("user_id, product_id, at AS occurred_at, -1 AS weight", "the column weight holds -1.0 in"),
        ("user_id, product_id, 1.5 AS occurred_at", "the column occurred_at is of type"),
    ],
)
def test_rows_that_are_wrong_are_told_of_as_before_and_read_once(
    log_shop: Engine, two_workers: Connected, tmp_path: Path, columns: str, reason: str
) -> None:
    events = {**json.loads(LOG_EVENTS), "view": {"sql": f"SELECT {columns} FROM seen"}}
    settings = TrainerSettings.load(database_url=url_of(log_shop), events=events, db_connections=2)
    with pytest.raises(BadDataError, match=reason) as alone:
        extract(settings)
    address = bulk_address(settings.sqlalchemy_url())
    with team_on(two_workers, (tmp_path / "store").as_uri(), tmp_path, database=address, said=2) as team:
        with pytest.raises(BadDataError) as by_workers:
            extract(settings, IN_MEMORY, ReadingByWorkers(team))
        assert len(team.handed_out) == 2
    assert str(by_workers.value) == str(alone.value)


@contextmanager
def limited(mariadb: MariaDb, url: str, connections: int) -> Iterator[str]:
    """Give the URL of an account that may hold so many connections at once, or the server refuses one more."""
    name = f"limited{connections}"
    mariadb.execute(f"CREATE OR REPLACE USER {name}@'%' IDENTIFIED BY 's' WITH MAX_USER_CONNECTIONS {connections}")
    mariadb.execute(f"GRANT SELECT ON {make_url(url).database}.* TO {name}@'%'")
    yield make_url(url).set(username=name, password="s").render_as_string(hide_password=False)
    mariadb.execute(f"DROP USER {name}@'%'")


@pytest.mark.parametrize("connections", [1, 5])
def test_account_with_few_connections_is_enough(
    mariadb: MariaDb, mariadb_url: str, by_workers: Extract, connections: int, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine(make_url(mariadb_url))
    log_tables(engine)
    for table in ("bought", "seen"):
        log_events(engine, table, some_events(3_000))
    with limited(mariadb, mariadb_url, connections) as url:
        for _ in range(3):
            assert_same(by_workers(url, db_connections=connections), here(url, db_connections=connections))
    assert "row by row" not in caplog.text
    engine.dispose()


def test_no_more_connections_are_open_at_once_than_the_setting_says(
    mariadb: MariaDb, mariadb_url: str, by_workers: Extract
) -> None:
    """Three kinds in five connections, whose rows take their time: as many are read at once as may be."""
    engine, watching = create_engine(make_url(mariadb_url)), create_engine(make_url(mariadb.url("information_schema")))
    log_tables(engine)
    for table in ("bought", "seen"):
        log_events(engine, table, some_events(300))
    slow = "SELECT user_id, product_id, at AS occurred_at FROM (SELECT SLEEP(0.7) AS slept) AS s STRAIGHT_JOIN {} AS t"
    tables = {"purchase": "bought", "view": "seen", "cart": "seen"}
    kinds = {kind: {"sql": slow.format(table), "weight": 1} for kind, table in tables.items()}
    counted = f"SELECT COUNT(*) FROM processlist WHERE db = '{make_url(mariadb_url).database}'"
    seen, done = [0], threading.Event()
    engine.dispose()

    def watch() -> None:
        while not done.wait(0.02):
            with watching.connect() as opened:
                seen.append(opened.exec_driver_sql(counted).scalar_one())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        by_workers(mariadb_url, db_connections=2, events=kinds)
    finally:
        done.set()
        watcher.join()
        watching.dispose()
    assert max(seen) == 2


def test_kind_without_a_row_and_table_that_is_not_there(shop: Engine, by_workers: Extract) -> None:
    log_tables(shop)
    log_events(shop, "seen", some_events(100))
    with pytest.raises(BadDataError, match="the purchase query gave no event"):
        by_workers(url_of(shop), db_connections=4)
    with shop.begin() as opened:
        opened.execute(text("DROP TABLE bought"))
    with pytest.raises(BadSettingsError, match="the purchase query does not fit"):
        by_workers(url_of(shop), db_connections=4)


def test_database_that_goes_away_meanwhile_is_one_line(mariadb: MariaDb, mariadb_url: str, by_workers: Extract) -> None:
    """The account may read no more once the parts are known."""
    engine = create_engine(make_url(mariadb_url))
    log_tables(engine)
    log_events(engine, "bought", some_events(50))
    with limited(mariadb, mariadb_url, 1) as url:
        holding = create_engine(make_url(url)).connect()
        with pytest.raises(TryAgainError, match="max_user_connections") as wrong:
            by_workers(url, db_connections=1)
        holding.close()
    assert "\n" not in str(wrong.value)
    engine.dispose()


def test_password_is_in_no_log_and_no_key_of_the_workers(
    mariadb: MariaDb, mariadb_url: str, two_workers: Connected, by_workers: Extract
) -> None:
    engine = create_engine(make_url(mariadb_url))
    log_tables(engine)
    for table in ("bought", "seen"):
        log_events(engine, table, some_events(100))
    failing = {**json.loads(LOG_EVENTS), "view": {"sql": ZERO_DATED}}
    with pytest.raises(BadDataError):
        by_workers(mariadb_url, db_connections=4, events={**failing, "purchase": {"sql": ZERO_DATED}})
    client = two_workers.client
    logs = [*client.get_worker_logs().values(), *client.get_worker_logs(nanny=True).values()]
    told = repr([logs, client.get_scheduler_logs(), client.get_events(), client.run_on_scheduler(_known_keys)])
    assert "events-" in told
    for secret in (mariadb.password, "p%40ss"):
        assert secret not in told
    engine.dispose()


def _known_keys(dask_scheduler: object) -> str:
    """Give what the scheduler knows of tasks, in words."""
    return repr([dask_scheduler.tasks, dask_scheduler.transition_log])  # type: ignore[attr-defined]
