"""Publish, promote, load, roll back, prune: on every backend."""

import re
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from model.codec import write_model
from registry.files import FileStore
from registry.manifest import CARD_FILE, MODEL_FILE, FileEntry, Manifest, version_id
from registry.objects import ObjectMissingError, ObjectStore
from registry.pointer import LostRaceError, Pointer
from registry.registry import Description, Registry
from runtime.errors import BadSettingsError, Exit
from tests.builders import a_model, publish
from tests.registry.racing import race


@pytest.fixture
def registry(store: ObjectStore) -> Registry:
    return Registry(store)


def in_service(registry: Registry) -> str:
    pointer = registry.current()
    assert pointer is not None
    return pointer.version


def names(registry: Registry) -> list[str]:
    return [summary.version for summary in registry.versions()]


def test_empty_store_has_no_version_and_none_in_service(registry: Registry) -> None:
    assert registry.versions() == []
    assert registry.current() is None


def test_published_version_is_not_in_service_until_promoted(registry: Registry) -> None:
    version = publish(registry, promote=False)
    assert names(registry) == [version]
    assert registry.current() is None


def test_promoted_version_loads_as_it_was_published(registry: Registry, tmp_path: Path) -> None:
    model = a_model(popularity=[3.0, 1.0, 4.0, 1.0, 5.0])
    version = publish(registry, model)
    loaded = registry.load(in_service(registry), tmp_path)
    assert in_service(registry) == version
    assert np.array_equal(loaded.popularity, model.popularity)
    assert np.array_equal(loaded.neighbours.scores, model.neighbours.scores)
    assert [loaded.products.at(idx) for idx in range(5)] == ["10", "20", "30", "40", "50"]


def test_version_is_named_by_its_time_and_its_content(registry: Registry) -> None:
    manifest = registry.manifest(publish(registry))
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", manifest.version)
    assert manifest.version.endswith(manifest.files[MODEL_FILE].sha256[:8])
    assert f"{manifest.created_at:%Y%m%dT%H%M%SZ}" in manifest.version


def test_same_bytes_published_again_are_a_later_version(registry: Registry) -> None:
    versions = [publish(registry) for _ in range(3)]
    assert names(registry) == versions == sorted(set(versions))


def test_same_bytes_published_again_leave_the_earlier_card_as_it_is(registry: Registry, tmp_path: Path) -> None:
    published = registry.manifest(publish(registry))
    write_model(a_model(), tmp_path / MODEL_FILE)
    cards = [b"the first card", b"another card", b"a third one"]
    versions = [registry.publish(tmp_path / MODEL_FILE, partial(with_card, published, card)).version for card in cards]
    stored = [registry.store.get(f"models/{version}/{CARD_FILE}").body for version in versions]
    assert stored == cards
    assert [registry.manifest(version).files[CARD_FILE] for version in versions] == list(map(FileEntry.of_bytes, cards))


def with_card(like: Manifest, card: bytes, created_at: datetime, entry: FileEntry) -> Description:
    files = {MODEL_FILE: entry, CARD_FILE: FileEntry.of_bytes(card)}
    named = {"version": version_id(created_at, entry.sha256), "created_at": created_at, "files": files}
    return Description(like.model_copy(update=named), {CARD_FILE: card})


def test_version_lists_the_size_of_all_its_files(registry: Registry) -> None:
    version = publish(registry)
    before = registry.versions()[0].size_bytes
    registry.store.put(f"models/{version}/card.html", b"12345")
    assert registry.versions()[0].size_bytes == before + 5


def test_files_without_a_manifest_are_no_version(registry: Registry) -> None:
    version = publish(registry)
    registry.store.put("models/20250105T020000Z-1f3c9a2e/model.safetensors", b"half a version")
    registry.store.put("models/not-a-version/manifest.json", b"{}")
    assert names(registry) == [version]


def test_promotion_remembers_the_previous_version_and_who_did_it(registry: Registry) -> None:
    first, second = publish(registry), publish(registry, promote=False)
    pointer = registry.promote(second, "ann", registry.pointer_state())
    assert (pointer.version, pointer.previous, pointer.promoted_by) == (second, first, "ann")
    assert registry.current() == pointer


def test_promotion_over_a_pointer_that_changed_loses_and_leaves_it(registry: Registry) -> None:
    publish(registry)
    seen = registry.pointer_state()
    theirs, mine = publish(registry), publish(registry, promote=False)
    with pytest.raises(LostRaceError, match=rf"another process changed current\.json .* {mine} was not") as raised:
        registry.promote(mine, "test", seen)
    assert raised.value.exit_code == Exit.TRY_AGAIN
    assert in_service(registry) == theirs


@pytest.mark.parametrize("first_ever", [True, False], ids=["the first ever", "over another"])
def test_exactly_one_of_four_promotions_at_once_wins(registry: Registry, first_ever: bool) -> None:
    if not first_ever:
        publish(registry)
    seen = registry.pointer_state()
    versions = [publish(registry, promote=False) for _ in range(4)]
    results = race(*[partial(registry.promote, version, "test", seen) for version in versions])
    (winner,) = [result for result in results if isinstance(result, Pointer)]
    assert registry.current() == winner
    assert sum(isinstance(result, LostRaceError) for result in results) == 3


def test_roll_back_returns_to_the_previous_version_and_forth(registry: Registry, tmp_path: Path) -> None:
    first, second = publish(registry), publish(registry)
    assert registry.roll_back(None, "ann", tmp_path).version == first == in_service(registry)
    assert registry.roll_back(None, "ann", tmp_path).version == second == in_service(registry)


def test_roll_back_goes_to_any_version_by_name(registry: Registry, tmp_path: Path) -> None:
    first, _, third = publish(registry), publish(registry), publish(registry)
    pointer = registry.roll_back(first, "ann", tmp_path)
    assert (pointer.version, pointer.previous) == (first, third)


def test_roll_back_without_a_previous_version_says_what_there_is(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(BadSettingsError, match=r"no previous version.*train one with `python -m trainer`"):
        registry.roll_back(None, "ann", tmp_path)
    version = publish(registry)
    with pytest.raises(BadSettingsError, match=rf"no previous version.*the store holds {version}"):
        registry.roll_back(None, "ann", tmp_path)


def test_roll_back_to_the_version_in_service_is_refused(registry: Registry, tmp_path: Path) -> None:
    version = publish(registry)
    with pytest.raises(BadSettingsError, match=f"{version} is in service already"):
        registry.roll_back(version, "ann", tmp_path)


def test_roll_back_to_what_is_not_there_is_refused_in_one_line(registry: Registry, tmp_path: Path) -> None:
    current = publish(registry)
    for name in ("20250105T020000Z-1f3c9a2e", "latest", "..", "../../etc", "a\0b", "\ud800", "ü", "x" * 5000, " "):
        with pytest.raises(BadSettingsError, match=rf"no version.*the store holds {current}") as raised:
            registry.roll_back(name, "ann", tmp_path)
        assert len(str(raised.value)) < 400
    assert in_service(registry) == current


def test_six_versions_leave_five(registry: Registry) -> None:
    versions = []
    for _ in range(6):
        versions.append(publish(registry))
        registry.prune(5)
    assert names(registry) == versions[1:]


def test_prune_deletes_every_file_of_a_version(registry: Registry) -> None:
    version = publish(registry)
    registry.store.put(f"models/{version}/card.html", b"card")
    publish(registry)
    publish(registry)
    assert registry.prune(1).versions == [version]
    assert list(registry.store.list(f"models/{version}")) == []
    with pytest.raises(ObjectMissingError):
        registry.manifest(version)


def test_prune_never_deletes_the_current_and_the_previous_version(registry: Registry, tmp_path: Path) -> None:
    first, second, *later = [publish(registry) for _ in range(5)]
    registry.roll_back(second, "ann", tmp_path)
    registry.roll_back(first, "ann", tmp_path)
    assert registry.prune(1).versions == later[:-1]
    assert names(registry) == [first, second, later[-1]]
    registry.load(first, tmp_path)
    registry.load(second, tmp_path)


def test_prune_never_deletes_a_version_that_is_in_use(registry: Registry) -> None:
    pinned, *others = [publish(registry) for _ in range(4)]
    assert registry.prune(1, in_use={pinned, "20250101T000000Z-00000000"}).versions == others[:1]
    assert names(registry) == [pinned, *others[1:]]


def test_prune_of_few_versions_deletes_none(registry: Registry) -> None:
    versions = [publish(registry) for _ in range(2)]
    assert registry.prune(5).versions == []
    assert names(registry) == versions


def test_pruned_version_leaves_no_folder(file_store: FileStore, tmp_path: Path) -> None:
    registry = Registry(file_store)
    versions = [publish(registry) for _ in range(3)]
    registry.prune(1)
    folders = sorted(path.name for path in (tmp_path / "store" / "models").iterdir())
    assert folders == versions[1:]
