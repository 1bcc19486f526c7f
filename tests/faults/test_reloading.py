import os
from dataclasses import astuple
from pathlib import Path

import pytest

from tests.faults.process_figures import ProcessFigures, process_figures
from tests.faults.reloading import reload


def test_a_server_that_swaps_models_under_load_does_not_grow_and_answers_whole(tmp_path: Path) -> None:
    reloaded = reload(tmp_path, reloads=12, first=4)
    assert reloaded.findings == []
    assert reloaded.reloads == 12
    assert reloaded.answers > 100


@pytest.mark.parametrize("grown", range(5))
def test_each_figure_has_its_limit(grown: int) -> None:
    limits = ProcessFigures(50.0, 60.0, 20, 350, 3)
    values = [*astuple(limits)]
    assert ProcessFigures(*values).at_most(limits)
    values[grown] += 1
    assert not ProcessFigures(*values).at_most(limits)


def test_figures_are_those_of_the_process(tmp_path: Path) -> None:
    before = process_figures(os.getpid())
    held = b"x" * 50_000_000
    with (tmp_path / "file").open("wb"):
        after = process_figures(os.getpid())
    assert after.open_files == before.open_files + 1
    assert 49 < after.anonymous_mb - before.anonymous_mb < 60
    assert len(held) == 50_000_000
