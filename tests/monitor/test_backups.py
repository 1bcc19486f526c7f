"""`--action backups`: the versions, newest first, with what a person needs to choose one."""

from pathlib import Path

import pytest

from registry.pointer import CURRENT_KEY
from registry.registry import Registry
from tests.builders import publish
from tests.monitor.conftest import Command, a_shop

AS_JSON = ("--action", "backups", "--format", "json")


def test_versions_are_listed_newest_first_with_size_and_figures(monitor: Command, registry: Registry) -> None:
    published = [publish(registry, a_shop()) for _ in range(3)]
    ended = monitor(*AS_JSON)
    listed = ended.report["versions"]
    assert ended.exit_code == 0
    assert [backup["version"] for backup in listed] == published[::-1]
    sizes = {summary.version: summary.size_bytes for summary in registry.versions()}
    assert {backup["version"]: backup["size_bytes"] for backup in listed} == sizes
    assert {(backup["n_users"], backup["n_products"], backup["n_interactions"]) for backup in listed} == {(60, 12, 180)}
    assert listed[0]["created_at"] == registry.manifest(published[-1]).created_at.isoformat()


def test_current_and_previous_versions_are_marked(monitor: Command, registry: Registry, tmp_path: Path) -> None:
    first, _, third = (publish(registry, a_shop()) for _ in range(3))
    registry.roll_back(first, "test", tmp_path)
    listed = monitor(*AS_JSON).report["versions"]
    assert [backup["version"] for backup in listed if backup["is_current"]] == [first]
    assert [backup["version"] for backup in listed if backup["is_previous"]] == [third]


def test_table_for_people_has_a_line_for_each_version(monitor: Command, registry: Registry) -> None:
    first, second = publish(registry, a_shop()), publish(registry, a_shop())
    lines = monitor("--action", "backups").out.splitlines()
    assert lines[1].startswith("MODEL VERSIONS: 2 in file://")
    assert lines[4].split() == ["VERSION", "MADE", "SIZE", "USERS", "x", "PRODUCTS"]
    assert lines[5].startswith(f"{second}  ")
    size = f"{registry.versions()[-1].size_bytes / 1000:.1f} KB"
    assert lines[5].endswith(f" UTC  {size}  60 x 12           current")
    assert lines[6].startswith(f"{first}  ")
    assert lines[6].endswith("60 x 12           previous")


def test_empty_store_says_how_to_fill_it(monitor: Command) -> None:
    ended = monitor("--action", "backups")
    assert "None yet: train one with `python -m trainer`" in ended.out
    assert ended.exit_code == 0
    assert monitor(*AS_JSON).report["versions"] == []


def test_damaged_version_is_listed_with_its_problem(monitor: Command, registry: Registry) -> None:
    damaged, _ = publish(registry, a_shop()), publish(registry, a_shop())
    registry.store.put(f"models/{damaged}/manifest.json", b"{}")
    listed = monitor(*AS_JSON).report["versions"]
    assert listed[0]["problem"] is None
    assert f"the manifest of {damaged} has schema_version None" in listed[1]["problem"]
    assert listed[1]["n_users"] is None
    assert "unknown" in monitor("--action", "backups").out


@pytest.mark.parametrize(
    ("pointer", "said"),
    [(b"{", "current.json is damaged"), (None, "no model was ever promoted")],
)
def test_listing_says_why_no_version_is_current(
    monitor: Command, registry: Registry, pointer: bytes | None, said: str
) -> None:
    publish(registry, a_shop(), promote=False)
    if pointer is not None:
        registry.store.put(CURRENT_KEY, pointer)
    assert said in monitor(*AS_JSON).report["problem"]
    assert f"No version is current: {said}" in monitor("--action", "backups").out


def test_listing_says_that_the_current_version_is_missing(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    gone = publish(registry, a_shop())
    registry.store.delete(f"models/{gone}/manifest.json")
    assert monitor(*AS_JSON).report["problem"] == f"current.json names {gone}, which the store does not hold"
