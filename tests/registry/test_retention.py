"""Which versions stay, and for how long: on every backend where the store is asked."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.layout import manifest_key
from registry.objects import ObjectStore
from registry.pointer import DamagedPointerError
from registry.registry import Registry
from registry.retention import Standing, versions_to_keep
from tests.builders import publish

A, O, U = Standing.ACCEPTED, Standing.OTHER, Standing.UNREADABLE  # noqa: E741 (short, to be read as a row)


@pytest.fixture
def registry(store: ObjectStore) -> Registry:
    return Registry(store)


def names(registry: Registry) -> list[str]:
    return [summary.version for summary in registry.versions()]


def kept(standings: Sequence[Standing], keep: int) -> list[int]:
    """Give which stay of versions that are numbered from 1, oldest first."""
    chosen = versions_to_keep([(f"{number:03}", one) for number, one in enumerate(standings, 1)], keep)
    return sorted(int(version) for version in chosen)


def test_five_rejections_in_a_row_push_no_good_version_out() -> None:
    assert kept([A] * 5 + [O] * 5, 5) == list(range(1, 11))
    assert kept([A] * 5 + [O] * 9, 5) == [1, 2, 3, 4, 5, 10, 11, 12, 13, 14]


def test_good_versions_push_out_older_good_ones_and_no_rejected_one() -> None:
    assert kept([O, A, A, A, O, A], 2) == [1, 4, 5, 6]


def test_unreadable_version_stays_as_long_as_an_accepted_one_of_its_age_would() -> None:
    assert kept([A, U, A, A], 3) == [1, 2, 3, 4]
    assert kept([A, U, A, A, A], 3) == [3, 4, 5]


def test_unreadable_versions_take_the_place_of_no_good_one_and_are_bounded_themselves() -> None:
    assert kept([A, A, U, U, U, U, U], 2) == [1, 2, 6, 7]
    assert kept([U] * 7, 2) == [6, 7]


def test_rejected_versions_do_not_make_an_unreadable_one_go() -> None:
    assert kept([U, O, O, O, O], 2) == [1, 4, 5]


def test_rejected_candidates_and_backfills_are_kept_beside_the_accepted(registry: Registry) -> None:
    accepted = [publish(registry) for _ in range(3)]
    rejected = [publish(registry, promote=False, accepted=False) for _ in range(2)]
    backfills = [publish(registry, promote=False, as_of=datetime(2025, 1, 1, tzinfo=UTC)) for _ in range(2)]
    assert registry.prune(2).versions == [accepted[0], *rejected]
    assert names(registry) == [*accepted[1:], *backfills]


def test_rejected_version_that_was_forced_stays_while_it_is_current_or_previous(registry: Registry) -> None:
    forced = publish(registry, accepted=False)
    newer = [publish(registry, promote=False, accepted=False) for _ in range(3)]
    publish(registry)
    assert registry.prune(2).versions == newer[:1]
    publish(registry)
    assert registry.prune(2).versions == [forced]


def test_version_whose_manifest_is_damaged_is_not_deleted_until_enough_good_ones_are_newer(registry: Registry) -> None:
    damaged = publish(registry)
    registry.store.put(manifest_key(damaged), b"{")
    for _ in range(2):
        publish(registry)
        assert registry.prune(3).versions == []
    publish(registry)
    assert registry.prune(3).versions == [damaged]


def test_version_in_use_stays_whatever_its_standing(registry: Registry) -> None:
    pinned = publish(registry, accepted=False)
    for _ in range(3):
        publish(registry, accepted=False)
    registry.prune(1, in_use=[pinned])
    assert pinned in names(registry)


def test_nothing_is_removed_under_a_damaged_pointer(registry: Registry, tmp_path: Path) -> None:
    versions = [publish(registry) for _ in range(4)]
    registry.store.put("current.json", b"{")
    with pytest.raises(DamagedPointerError):
        registry.prune(1)
    for version in versions:
        registry.load(version, tmp_path)
