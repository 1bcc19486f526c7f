"""A sample of what `python -m tests.faults` tries in full: whatever is killed or fails, everything is sound again."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from tests.cluster.control_plane import ControlPlane
from tests.faults.lane import Lane
from tests.faults.points import sampled
from tests.faults.report import progress_line
from tests.faults.stores import Surroundings, surroundings_in
from tests.faults.trying import all_points, try_all
from tests.parts.minio_server import Minio

SEED = 1


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    with surroundings_in(tmp_path_factory.mktemp("faults"), lanes=1) as opened:
        yield opened


def assert_sound_after(n_points: int, lane: AbstractContextManager[Lane], *scenes: str) -> None:
    with lane as opened:
        points = all_points(opened, scenes)
        assert len(points) > 100, "each call of a run is a dozen points"
        tried = try_all(sampled(points, n_points, SEED), [opened], lambda _: None)
    assert len(tried) == n_points
    assert [progress_line(one) for one in tried if one.problems] == []


def test_whatever_happens_to_a_call_of_a_run_on_files_leaves_everything_sound(surroundings: Surroundings) -> None:
    assert_sound_after(24, surroundings.on_files(0), "first", "champion", "pruning")


@pytest.mark.usefixtures("minio_credentials")
def test_whatever_happens_to_a_request_to_minio_leaves_everything_sound(
    surroundings: Surroundings, minio: Minio
) -> None:
    assert_sound_after(24, surroundings.on_minio(minio, 0), "pruning", "rejected")


def test_whatever_happens_to_a_request_to_the_api_server_leaves_everything_sound(
    surroundings: Surroundings, rolling_plane: ControlPlane
) -> None:
    assert_sound_after(12, surroundings.in_cluster(rolling_plane, 0), "champion")
