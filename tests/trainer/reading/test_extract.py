"""What a shop's tables may hold, on SQLite and MariaDB, in bulk and row by row."""

import json
import time
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import Engine

from runtime.errors import BadDataError
from tests.trainer.shops import LOG_EVENTS, Event, log_events, log_tables, triples
from trainer.reading import bulk
from trainer.reading.extract import extract
from trainer.settings import TrainerSettings

NEW_YEAR = datetime.fromisoformat("2025-01-01 12:30:00")
NEW_YEAR_SECOND = 1735734600
AWKWARD_TEXTS = ["", "a/b", "50%", "%s", ":name", "'; DROP TABLE bought; --", "Đặng 🛒", "x" * 300, " 1", "007"]

pytestmark = pytest.mark.usefixtures("logged_events")


@pytest.fixture
def logged_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS", LOG_EVENTS)


def url(shop: Engine) -> str:
    return shop.url.render_as_string(hide_password=False)


def fill(shop: Engine, bought: list[Event], seen: list[Event] | None = None, **types: str) -> None:
    log_tables(shop, **types)
    log_events(shop, "bought", bought)
    if seen:
        log_events(shop, "seen", seen)


def test_each_event_has_its_users_products_time_kind_and_weight(shop: Engine) -> None:
    fill(shop, [(1, 10, NEW_YEAR), (2, 10, NEW_YEAR)], [(1, 20, NEW_YEAR + timedelta(seconds=1))])
    assert triples(url(shop)) == [
        ("1", "10", NEW_YEAR_SECOND, "purchase", 1.0),
        ("1", "20", NEW_YEAR_SECOND + 1, "view", 0.3),
        ("2", "10", NEW_YEAR_SECOND, "purchase", 1.0),
    ]


def test_a_kind_of_weight_zero_is_not_read(shop: Engine) -> None:
    fill(shop, [(1, 10, NEW_YEAR)], [(1, 20, NEW_YEAR)])
    assert [event[3] for event in triples(url(shop), view_weight=0)] == ["purchase"]


def test_ids_beyond_32_bits_are_kept(shop: Engine) -> None:
    fill(shop, [(2**62, -(2**62), NEW_YEAR), (2**31, 2**33, NEW_YEAR)])
    assert [event[:2] for event in triples(url(shop))] == [(str(2**31), str(2**33)), (str(2**62), str(-(2**62)))]


def test_text_ids_of_any_kind_are_kept(shop: Engine) -> None:
    fill(shop, [(text, text, NEW_YEAR) for text in AWKWARD_TEXTS], id_type="VARCHAR(300)")
    assert {event[0] for event in triples(url(shop))} == set(AWKWARD_TEXTS)
    assert all(event[0] == event[1] for event in triples(url(shop)))


def test_rows_without_ids_or_time_and_from_the_future_are_skipped_and_counted(
    shop: Engine, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    tomorrow = now + timedelta(days=2)
    bad: list[Event] = [(None, 10, now), (None, 11, now), (1, None, now), (1, 10, None), (1, 10, tomorrow)]
    fill(shop, [*bad, (1, 10, now)])
    with caplog.at_level("INFO"):
        assert len(triples(url(shop))) == 1
    for line in (
        "Skipped 2 purchase records without a user_id (guests?)",
        "Skipped 1 purchase records without a product_id",
        "Skipped 1 purchase records without a usable time",
        "Skipped 1 purchase records that are dated in the future",
        "Loaded 1 purchase records",
    ):
        assert line in caplog.text


def test_a_clock_in_another_time_zone_is_no_future(shop: Engine, now: datetime) -> None:
    fill(shop, [(1, 10, now + timedelta(hours=14))])
    assert len(triples(url(shop))) == 1


def test_times_may_be_seconds_or_text(shop: Engine) -> None:
    fill(shop, [(1, 10, NEW_YEAR_SECOND)], time_type="BIGINT")
    assert triples(url(shop))[0][2] == NEW_YEAR_SECOND
    log_events(shop, "seen", [(1, 11, NEW_YEAR_SECOND + 5)])
    as_text = '{"view": {"sql": "SELECT user_id, product_id, \'2025-01-01T13:30:00+01:00\' AS occurred_at FROM seen"}}'
    assert ("1", "11", NEW_YEAR_SECOND, "view", 0.3) in triples(
        url(shop), events={**_events(LOG_EVENTS), **_events(as_text)}
    )


def test_a_query_may_weigh_its_rows_and_a_shop_may_add_kinds(shop: Engine) -> None:
    fill(shop, [(1, 10, NEW_YEAR)])
    log_events(shop, "seen", [(1, 20, NEW_YEAR)], amount=4)
    rating = '{"rating": {"weight": 0.5, "sql": "SELECT user_id, product_id, at occurred_at, amount weight FROM seen"}}'
    events = {**_events(LOG_EVENTS), **_events(rating)}
    assert ("1", "20", NEW_YEAR_SECOND, "rating", 2.0) in triples(url(shop), events=events)


def test_row_weights_below_zero_are_refused(shop: Engine) -> None:
    fill(shop, [(1, 10, NEW_YEAR)])
    log_events(shop, "seen", [(1, 20, NEW_YEAR)], amount=-1)
    events = _events('{"view": {"sql": "SELECT user_id, product_id, at occurred_at, amount weight FROM seen"}}')
    with pytest.raises(BadDataError, match=r"the view query: the column weight holds -1\.0 in 1 rows"):
        triples(url(shop), events={**_events(LOG_EVENTS), **events})


def test_missing_row_weights_are_refused(shop: Engine) -> None:
    fill(shop, [(1, 10, NEW_YEAR)])
    log_events(shop, "seen", [(1, 20, NEW_YEAR)], amount=None)
    events = _events('{"view": {"sql": "SELECT user_id, product_id, at occurred_at, amount weight FROM seen"}}')
    with pytest.raises(BadDataError, match="the column weight holds nan in 1 rows"):
        triples(url(shop), events={**_events(LOG_EVENTS), **events})


def test_percent_signs_and_colons_in_a_shops_sql_are_no_parameters(shop: Engine) -> None:
    fill(shop, [("a:b", "50%", NEW_YEAR), ("c", "d", NEW_YEAR)], id_type="VARCHAR(20)")
    where = "SELECT user_id, product_id, at AS occurred_at FROM bought WHERE user_id LIKE '%:b' AND product_id <> ':x'"
    assert len(triples(url(shop), events={"purchase": {"sql": where}, "view": {"weight": 0}})) == 1


def test_views_alone_make_no_model(shop: Engine) -> None:
    log_tables(shop)
    log_events(shop, "seen", [(1, 20, NEW_YEAR)])
    with pytest.raises(BadDataError, match="the purchase query gave no event that can be used"):
        triples(url(shop))


def test_no_views_are_no_problem(shop: Engine, caplog: pytest.LogCaptureFixture) -> None:
    fill(shop, [(1, 10, NEW_YEAR)])
    with caplog.at_level("INFO"):
        assert len(triples(url(shop))) == 1
    assert "Loaded 0 view records" in caplog.text


def test_bulk_and_row_by_row_reading_give_the_same_events(shop: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    many: list[Event] = [(u % 70, u * 7 % 50, NEW_YEAR + timedelta(seconds=u)) for u in range(3000)]
    fill(shop, [*many, (None, 3, NEW_YEAR), (5, 5, None)], many[:500])
    in_bulk = triples(url(shop))
    monkeypatch.setattr(bulk, "bulk_address", lambda _url: None)
    monkeypatch.setattr(bulk, "BATCH_ROWS", 128)
    assert triples(url(shop)) == in_bulk
    assert len(in_bulk) == 3500


@pytest.mark.parametrize("slow", ["purchase", "view"])
def test_columns_are_in_the_order_of_the_kinds_whichever_is_read_first(
    shop: Engine, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    fill(shop, [(u % 7, u % 5, NEW_YEAR) for u in range(50)], [(u % 9, u % 4, NEW_YEAR) for u in range(30)])
    one_by_one = extract(TrainerSettings.load(database_url=url(shop), db_connections=1))
    read = bulk._table

    def read_slowly(address: str, sql: str) -> pa.Table:
        time.sleep(0.3 if ("bought" in sql) == (slow == "purchase") else 0)
        return read(address, sql)

    monkeypatch.setattr(bulk, "_table", read_slowly)
    at_once = extract(TrainerSettings.load(database_url=url(shop)))
    for name in ("user_idx", "item_idx", "kind", "occurred_at", "weight"):
        assert np.array_equal(getattr(at_once, name), getattr(one_by_one, name)), name


def _events(json_text: str) -> dict[str, object]:
    return dict(json.loads(json_text))
