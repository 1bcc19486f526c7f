"""What the harness looks for is found where it is there."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.history import Outcome, Run, append_run
from registry.registry import Registry
from tests.builders import publish
from tests.faults.soundness import ending_problems, look, next_run_problems, orphan_problems, store_problems
from tests.faults.trainers import Ended

KEEP = 2
PROMOTED = "Outcome: promoted\n"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A store after three runs."""
    registry = Registry(FileStore(tmp_path / "store"))
    for _ in range(3):
        run_once(registry)
    return registry


def run_once(registry: Registry) -> str:
    version = publish(registry)
    append_run(
        registry.store,
        Run(timestamp=datetime.now(UTC), outcome=Outcome.PROMOTED, duration_seconds=1.0, version=version),
    )
    return version


def remove(registry: Registry, prefix: str) -> None:
    for info in list(registry.store.list(prefix)):
        registry.store.delete(info.key)


def damage_model(registry: Registry) -> None:
    registry.store.put(f"models/{look(registry).current}/model.safetensors", b"half")


def test_store_after_another_run_and_a_removal_is_sound(registry: Registry, tmp_path: Path) -> None:
    before = look(registry)
    run_once(registry)
    registry.prune(KEEP)
    assert list(store_problems(registry, before, KEEP, tmp_path)) == []
    assert list(next_run_problems(registry, before, Ended(0, PROMOTED))) == []
    assert list(orphan_problems(registry, [])) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda registry: registry.store.delete("current.json"), "there is no current model any more"),
        (lambda registry: registry.store.put("current.json", b"{"), "current.json is damaged"),
        (damage_model, "the current model does not load"),
        (damage_model, "is not what its manifest says"),
        (lambda registry: remove(registry, f"models/{look(registry).versions[1]}"), "was lost"),
        (lambda registry: registry.store.delete("metrics.json"), "metrics.json lost entries: 3 before, 0 now"),
        (lambda registry: registry.store.put("metrics.json.damaged-now", b""), "tells of damage"),
    ],
)
def test_damage_is_found(registry: Registry, tmp_path: Path, damage: Callable[[Registry], object], found: str) -> None:
    before = look(registry)
    damage(registry)
    assert any(found in problem for problem in store_problems(registry, before, KEEP, tmp_path))


def test_run_that_promoted_nothing_is_found(registry: Registry) -> None:
    before = look(registry)
    (problem,) = next_run_problems(registry, before, Ended(0, PROMOTED))
    assert "which is not new" in problem
    (problem,) = next_run_problems(registry, before, Ended(0, "Outcome: rejected\n"))
    assert "promoted nothing" in problem


def test_orphans_are_found(registry: Registry) -> None:
    registry.store.put("models/20250105T020000Z-1f3c9a2e/model.safetensors", b"half a version")
    registry.store.put(f"models/{look(registry).current}/note", b"of a process that died")
    problems = list(orphan_problems(registry, [".writing-1"]))
    assert len(problems) == 3


@pytest.mark.parametrize(
    "ended",
    [
        Ended(2, "ERROR: wrong\n"),
        Ended(-6, ""),
        Ended(75, "something\n"),
        Ended(75, "ERROR: the store is away\nand more\n"),
        Ended(1, "ERROR: unexpected KeyError: 'x'. This is a bug: please report it\n"),
        Ended(0, "Traceback (most recent call last):\n"),
    ],
)
def test_end_without_a_contract_is_found(ended: Ended) -> None:
    assert list(ending_problems(ended))


def test_clear_end_is_no_problem() -> None:
    assert list(ending_problems(Ended(75, "a\nERROR: Outcome: failed\nERROR: the store is away\n"))) == []
    assert list(ending_problems(Ended(0, PROMOTED))) == []
