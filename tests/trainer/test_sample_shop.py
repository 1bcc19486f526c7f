from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from runtime.errors import BadSettingsError
from tests.trainer.shops import UNTIL, triples
from trainer.matrix import build_user_items
from trainer.reading.extract import extract
from trainer.sample_shop.catalogue import CATALOGUE
from trainer.sample_shop.tables import fill
from trainer.sample_shop.tastes import ShopShape, generate
from trainer.settings import TrainerSettings

N_PRODUCTS = sum(len(products) for products in CATALOGUE.values())


@pytest.mark.parametrize("kind", ["sqlite", "mariadb"])
def test_sample_shop_has_the_seed_shops_shape(kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "sqlite":
        url = request.getfixturevalue("sample_shop_url")
    else:
        url = request.getfixturevalue("mariadb_url")
        fill(make_url(url), until=UNTIL)
    events = extract(TrainerSettings.load(database_url=url))
    user_items = build_user_items(events)
    assert events.counts == {"purchase": 8014, "view": 3173}
    assert user_items.shape == (102, 33)
    assert user_items.nnz == 3331


def test_same_seed_makes_the_same_shop_on_both_databases(sample_shop_url: str, mariadb_url: str) -> None:
    fill(make_url(mariadb_url), until=UNTIL)
    assert triples(mariadb_url) == triples(sample_shop_url)


def test_another_seed_makes_another_shop_of_the_same_shape() -> None:
    one, other = (generate(ShopShape(), UNTIL, seed) for seed in (1, 2))
    assert not np.array_equal(one.bought, other.bought)
    assert len(one.bought) == len(other.bought)


def test_no_event_is_later_than_asked_for() -> None:
    events = generate(ShopShape(), UNTIL, seed=3)
    newest = max(events.bought_at.max(), events.viewed_at.max())
    assert UNTIL - timedelta(days=10) < UNTIL.fromtimestamp(newest, UNTIL.tzinfo) < UNTIL


def test_users_buy_what_they_have_a_taste_for_again_in_the_second_half() -> None:
    """Each user's favourite category of the first months must be a better guess of the last ones than the shop's."""
    events = generate(ShopShape(), UNTIL, seed=4)
    category = np.repeat(np.arange(len(CATALOGUE)), [len(products) for products in CATALOGUE.values()])[events.bought]
    later = np.arange(len(category)) > len(category) * 2 // 3
    shops_favourite = np.bincount(category[~later]).argmax()
    own, common = [], []
    for user in range(102):
        of_user = events.buyers == user
        if (of_user & later).any() and (of_user & ~later).any():
            own.append((category[of_user & later] == np.bincount(category[of_user & ~later]).argmax()).mean())
            common.append((category[of_user & later] == shops_favourite).mean())
    assert np.mean(own) > np.mean(common) + 0.1


def test_a_database_with_tables_of_its_own_is_not_filled(any_database: str) -> None:
    engine = create_engine(make_url(any_database))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (id INT)"))
    with pytest.raises(BadSettingsError, match=r"has tables of its own \(customers\)"):
        fill(make_url(any_database), until=UNTIL)
    assert inspect(engine).get_table_names() == ["customers"]
    engine.dispose()


def test_filling_leaves_a_shop_with_rows_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = make_url(f"sqlite:///{tmp_path}/own/shop.db")
    fill(url, until=UNTIL)
    with create_engine(url).begin() as connection:
        connection.execute(text("DELETE FROM product_views"))
    with caplog.at_level("INFO"):
        fill(url, until=UNTIL)
    with create_engine(url).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM product_views")).scalar() == 0
    assert "Nothing written: there are rows already in" in caplog.text
