"""What the database counts is what extraction reads, on each kind of database and with a shop's own SQL."""

from datetime import datetime

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from runtime.errors import BadDataError, BadSettingsError
from tests.trainer.shops import LOG_EVENTS, UNTIL, Event, a_dense_shop, log_events, log_tables
from trainer.events import Events
from trainer.matrix import build_user_items
from trainer.planning.counting import count_events, count_shop
from trainer.planning.size import ShopSize
from trainer.reading.extract import extract
from trainer.sample_shop.tables import fill
from trainer.settings import TrainerSettings

LOG_SQL = {"events": LOG_EVENTS}


def counted(url: str) -> ShopSize:
    settings = TrainerSettings.load(database_url=url)
    engine = create_engine(settings.sqlalchemy_url())
    size = count_shop(engine, settings)
    assert count_events(engine, settings.event_queries()) == size.events
    engine.dispose()
    return size


def truth(events: Events) -> tuple[dict[str, int], int, int, int, int]:
    """Count by brute force what was extracted: events, users, products, pairs, and the squares of the kernel."""
    user_items = build_user_items(events)
    squares = int((np.diff(user_items.indptr).astype(np.int64) ** 2).sum())
    return events.counts, len(events.users), len(events.products), user_items.nnz, squares


def assert_counted_as_extracted(url: str) -> ShopSize:
    size = counted(url)
    found = (dict(size.events), size.users, size.products, size.interactions, size.additions)
    assert found == truth(extract(TrainerSettings.load(database_url=url)))
    return size


@pytest.fixture
def logged(any_database: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Give a database of each kind with two plain tables of events, which EVENTS reads."""
    monkeypatch.setenv("EVENTS", LOG_EVENTS)
    return create_engine(make_url(any_database))


def some_events(n: int, **ids: object) -> list[Event]:
    """Give events of which pairs repeat, within a kind and across kinds."""
    rng = np.random.default_rng(n)
    users, products = rng.integers(1, 40, n).tolist(), rng.integers(1, 15, n).tolist()
    user, product = ids.get("user", "{}"), ids.get("product", "{}")
    at = datetime.fromisoformat("2025-01-01 10:00:00")
    return [(str(user).format(u), str(product).format(p), at) for u, p in zip(users, products, strict=True)]


def test_sample_shop_is_counted_as_it_is_extracted(any_database: str) -> None:
    fill(make_url(any_database), until=UNTIL)
    size = assert_counted_as_extracted(any_database)
    assert size.events == {"purchase": 8014, "view": 3173}
    assert (size.users, size.products, size.interactions, size.has_text_ids) == (102, 33, 3331, False)


def test_own_sql_with_pairs_of_several_kinds_is_counted_once(any_database: str, logged: Engine) -> None:
    log_tables(logged)
    log_events(logged, "bought", some_events(300))
    log_events(logged, "seen", some_events(500))
    size = assert_counted_as_extracted(any_database)
    assert size.interactions < 800
    assert not size.has_text_ids


def test_ids_as_text_are_told_apart_as_extraction_does(any_database: str, logged: Engine) -> None:
    log_tables(logged, id_type="VARCHAR(20)")
    log_events(logged, "bought", some_events(300, user="u{}", product="sku-{}"))
    log_events(logged, "seen", some_events(300, user="U{}", product="SKU-{}"))
    assert assert_counted_as_extracted(any_database).has_text_ids


def test_tables_of_different_collations_are_counted_together(mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS", LOG_EVENTS)
    engine = create_engine(make_url(mariadb_url))
    log_tables(engine, id_type="VARCHAR(20)")
    with engine.begin() as opened:
        opened.execute(text("ALTER TABLE bought CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"))
        opened.execute(text("ALTER TABLE seen CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"))
    log_events(engine, "bought", some_events(200, user="ü{}"))
    log_events(engine, "seen", some_events(200))
    assert_counted_as_extracted(mariadb_url)


def test_one_kind_with_integers_and_one_with_text(mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS", LOG_EVENTS)
    engine = create_engine(make_url(mariadb_url))
    log_tables(engine)
    log_events(engine, "bought", some_events(200))
    with engine.begin() as opened:
        opened.execute(text("ALTER TABLE seen MODIFY user_id VARCHAR(20), MODIFY product_id VARCHAR(20)"))
    log_events(engine, "seen", some_events(200))
    assert assert_counted_as_extracted(mariadb_url).has_text_ids


def test_rows_without_user_product_or_time_do_not_count(any_database: str, logged: Engine) -> None:
    log_tables(logged)
    complete = some_events(50)
    log_events(logged, "bought", [*complete, (None, 1, complete[0][2]), (1, None, complete[0][2]), (1, 1, None)])
    size = assert_counted_as_extracted(any_database)
    assert size.events == {"purchase": 50, "view": 0}


def test_a_kind_of_weight_0_is_not_counted(any_database: str, logged: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIEW_WEIGHT", "0")
    log_tables(logged)
    log_events(logged, "bought", some_events(50))
    log_events(logged, "seen", some_events(70))
    assert assert_counted_as_extracted(any_database).events == {"purchase": 50}


def test_percent_signs_and_colons_in_own_sql_stay_as_they_are(
    any_database: str, logged: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = (
        "SELECT user_id, product_id, at AS occurred_at FROM bought WHERE CAST(user_id AS CHAR(9)) LIKE '1%' /* :x %s */"
    )
    monkeypatch.setenv("EVENTS", f'{{"purchase": {{"sql": "{sql};"}}, "view": {{"weight": 0}}}}')
    log_tables(logged)
    log_events(logged, "bought", some_events(90))
    assert_counted_as_extracted(any_database)


def test_neighbours_of_a_dense_shop_are_all_other_products(any_database: str, logged: Engine) -> None:
    log_tables(logged)
    log_events(logged, "bought", a_dense_shop(60, 12))
    assert counted(any_database).neighbours == pytest.approx(12 * 11)


def test_empty_tables_are_the_error_of_a_run(any_database: str, logged: Engine) -> None:
    log_tables(logged)
    with pytest.raises(BadDataError, match="no query gave an event that can be used"):
        counted(any_database)


def test_counting_a_query_that_lacks_a_column_is_the_error_of_a_run(
    any_database: str, logged: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_tables(logged)
    monkeypatch.setenv("EVENTS", '{"purchase": {"sql": "SELECT user_id, at AS occurred_at FROM bought"}}')
    with pytest.raises(BadSettingsError, match=r"the purchase query gives the columns .* it lacks product_id"):
        counted(any_database)
