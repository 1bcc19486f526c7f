"""Who was erased, as every kind of store remembers it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from registry.erasures import NEWEST_KEY, SALT_KEY, DamagedErasuresError, Erasures
from registry.objects import ObjectStore


def test_nobody_is_erased_in_a_new_store(store: ObjectStore) -> None:
    erased = Erasures(store).read()
    assert len(erased) == 0
    assert "17" not in erased
    assert list(store.list("")) == []


def test_who_was_erased_is_known_by_the_very_id(store: ObjectStore) -> None:
    for user_id in ("17", "anna@example.com", "naïve/\n", "\udcff", ""):
        Erasures(store).add(user_id, "api")
    erased = Erasures(store).read()
    assert len(erased) == 5
    assert all(user_id in erased for user_id in ("17", "anna@example.com", "naïve/\n", "\udcff", ""))
    assert not any(user_id in erased for user_id in ("017", "1", "Anna@example.com", "naïve/"))


def test_no_object_holds_the_id(store: ObjectStore) -> None:
    Erasures(store).add("anna@example.com", "api: ann")
    objects = {info.key: store.get(info.key).body for info in store.list("")}
    assert not any("anna" in key or b"anna" in body for key, body in objects.items())
    (key,) = [key for key in objects if key.startswith("erased/users/")]
    assert set(json.loads(objects[key])) == {"erased_at", "by"}
    assert json.loads(objects[key])["by"] == "api: ann"


def test_no_two_stores_call_a_user_the_same(store: ObjectStore) -> None:
    first = Erasures(store).add("17", "api")
    for info in list(store.list("erased/")):
        store.delete(info.key)
    assert Erasures(store).add("17", "api") != first


def test_asking_again_changes_nothing_of_the_first_request(store: ObjectStore) -> None:
    digest = Erasures(store).add("17", "ann")
    first = store.get(f"erased/users/{digest}.json")
    assert Erasures(store).add("17", "bob") == digest
    assert store.get(f"erased/users/{digest}.json") == first
    assert len(Erasures(store).read()) == 1


def test_requests_at_the_same_moment_are_all_kept(store: ObjectStore) -> None:
    ids = [str(number) for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda user_id: Erasures(store).add(user_id, "api"), [*ids, *ids]))
    erased = Erasures(store).read()
    assert len(erased) == 16
    assert all(user_id in erased for user_id in ids)


def test_what_is_known_is_read_again_only_where_it_changed(store: ObjectStore) -> None:
    erasures = Erasures(store)
    erasures.add("17", "api")
    known = erasures.read()
    assert erasures.read(known) is known
    Erasures(store).add("18", "api")
    assert "18" in erasures.read(known)


def test_a_request_whose_writer_died_half_way_counts_for_who_starts_anew(store: ObjectStore) -> None:
    Erasures(store).add("17", "api")
    store.delete(NEWEST_KEY)
    assert "17" in Erasures(store).read()


@pytest.mark.parametrize("salt", [None, b"", b"another"])
def test_a_lost_salt_is_said_and_never_replaced(store: ObjectStore, salt: bytes | None) -> None:
    Erasures(store).add("17", "api")
    store.delete(SALT_KEY) if salt is None else store.put(SALT_KEY, salt)
    for ask in (lambda: Erasures(store).read(), lambda: Erasures(store).add("18", "api")):
        with pytest.raises(DamagedErasuresError, match="erased/salt is missing or damaged"):
            ask()
    assert len(list(store.list("erased/users/"))) == 1


def test_a_request_that_was_a_mistake_is_taken_back_by_deleting_its_object(store: ObjectStore) -> None:
    for user_id in ("17", "18"):
        digest = Erasures(store).add(user_id, "api")
    known = Erasures(store).read()
    store.delete(f"erased/users/{digest}.json")
    store.delete(NEWEST_KEY)
    left = Erasures(store).read(known)
    assert ("17" in left, "18" in left) == (True, False)
