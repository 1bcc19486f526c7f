"""Erased users are in no event, no model and no figure of the next training, and the manifest says so."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine

from model.ids import Ids
from registry.erasures import SALT_KEY, ErasedUsers, Erasures
from registry.files import FileStore
from registry.manifest import MODEL_FILE, Manifest
from registry.registry import Registry
from tests.builders import a_model, integer_ids, string_ids
from tests.trainer.gate.cases import a_case, ruling
from tests.trainer.running import assert_one_clear_line, train
from tests.trainer.shops import LOG_EVENTS, a_dense_shop, log_events, log_tables
from trainer.erased_users import without_erased
from trainer.events import Events

ANNA = "anna-who-asked-to-be-forgotten"


def some_events(users: Ids) -> Events:
    """Five events of three users with products 10 and 20: two of the first, one of the second, two of the last."""
    return Events(
        users,
        integer_ids([10, 20]),
        ("purchase", "view"),
        np.array([0, 2, 0, 1, 2], np.int32),
        np.array([0, 0, 0, 1, 1], np.int32),
        np.array([1.0, 0.3, 1.0, 1.0, 0.3], np.float32),
        np.array([10, 20, 30, 40, 50], np.uint32),
        np.array([0, 1, 0, 0, 1], np.uint8),
    )


def erased(folder: Path, *users: str) -> ErasedUsers:
    erasures = Erasures(FileStore(folder))
    for user in users:
        erasures.add(user, "a test")
    return erasures.read()


@pytest.mark.parametrize("users", [integer_ids([1, 2, 3]), string_ids(["a", "b", "c"])], ids=["integers", "strings"])
def test_only_the_events_of_others_are_left_and_only_their_ids(tmp_path: Path, users: Ids) -> None:
    kept, left_out = without_erased(some_events(users), erased(tmp_path, users.at(0), "nobody"))
    assert [kept.users.at(idx) for idx in kept.user_idx.tolist()] == [users.at(2), users.at(1), users.at(2)]
    assert (len(kept.users), kept.occurred_at.tolist()) == (2, [20, 40, 50])
    assert left_out.figures == {"erasures": 2, "erased_users": 1, "erased_events": 2}


def test_where_nobody_was_erased_the_events_are_as_they_were(tmp_path: Path) -> None:
    events = some_events(integer_ids([1, 2, 3]))
    for users in ((), ("017", "4")):
        kept, left_out = without_erased(events, erased(tmp_path, *users))
        assert kept is events
        assert left_out.figures == {"erasures": len(users), "erased_users": 0, "erased_events": 0}


def test_what_was_erased_is_not_what_the_shop_forgot(tmp_path: Path) -> None:
    fewer = a_model(
        integer_ids([10, 20, 30, 40, 50]), integer_ids([1, 2]), histories={0: {0: 1.0}, 1: {1: 2.0, 3: 0.3}}
    )
    assert ruling("forgotten", a_case(model=fewer)).measured == pytest.approx(5 / 8)
    assert ruling("forgotten", a_case(model=fewer, erased=erased(tmp_path, "3"))).measured == 0.0
    assert ruling("forgotten", a_case(model=fewer, erased=erased(tmp_path, "1", "2", "3"))).measured == 0.0


@pytest.fixture
def shop_of_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop of 59 customers and Anna, who all bought all of 12 products."""
    url = f"sqlite:///{tmp_path}/names.db"
    engine = create_engine(url)
    log_tables(engine, id_type="TEXT")
    named = [(ANNA if user == 0 else f"customer {user}", f"p{p}", at) for user, p, at in a_dense_shop(60, 12)]
    log_events(engine, "bought", named)
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("EVENTS", LOG_EVENTS)


def newest(store_path: Path) -> tuple[Manifest, bytes]:
    """The newest version's manifest, and all the bytes of its files together."""
    registry = Registry(FileStore(store_path))
    version = registry.versions()[-1].version
    files = sorted((store_path / "models" / version).iterdir())
    assert MODEL_FILE in {path.name for path in files}
    return registry.manifest(version), b"".join(path.read_bytes() for path in files)


@pytest.mark.usefixtures("shop_of_names")
@pytest.mark.parametrize("recipe", ["cosine", "auto"])
def test_the_next_training_proves_that_it_left_a_user_out(store_path: Path, recipe: str) -> None:
    assert train(RECIPE=recipe).exit_code == 0
    manifest, content = newest(store_path)
    assert ANNA.encode() in content
    assert manifest.data["erased_users"] == 0

    Erasures(FileStore(store_path)).add(ANNA, "a test")
    ended = train(RECIPE=recipe)
    assert "Outcome: promoted" in ended.log
    assert "Left out 1 erased users with 12 events" in ended.log
    manifest, content = newest(store_path)
    assert ANNA.encode() not in content
    assert b"customer 1" in content
    told = {name: manifest.data[name] for name in ("erasures", "erased_users", "erased_events")}
    assert told == {"erasures": 1, "erased_users": 1, "erased_events": 12}
    assert (manifest.metrics["n_users"], manifest.metrics["n_interactions"]) == (59, 59 * 12)
    assert manifest.events["purchase"] == 59 * 12
    assert ANNA not in ended.log


@pytest.mark.usefixtures("shop_of_names")
def test_a_shop_whose_users_were_all_erased_is_bad_data(store_path: Path) -> None:
    for user in (ANNA, *(f"customer {number}" for number in range(1, 60))):
        Erasures(FileStore(store_path)).add(user, "a test")
    assert_one_clear_line(train(), 65, "all events are of users who were erased")


@pytest.mark.usefixtures("shop_of_names")
def test_nothing_is_trained_while_it_cannot_be_told_who_was_erased(store_path: Path) -> None:
    Erasures(FileStore(store_path)).add(ANNA, "a test")
    FileStore(store_path).delete(SALT_KEY)
    assert_one_clear_line(train(), 65, "erased/salt is missing", "backup")
    assert Registry(FileStore(store_path)).versions() == []
