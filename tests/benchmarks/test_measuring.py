import os
from pathlib import Path

import pytest

from benchmarks.measuring import measure_python, own_peak_bytes


def test_peak_is_the_child_s_own_however_large_the_parent_is(tmp_path: Path) -> None:
    ballast = b"x" * 200_000_000
    measured = measure_python(["-c", "pass"], tmp_path, os.environ)
    assert own_peak_bytes() > len(ballast)
    assert 1e6 < measured.peak_bytes < 50e6


def test_peak_counts_what_the_child_held_and_gave_back(tmp_path: Path) -> None:
    measured = measure_python(["-c", "x = b'x' * 100_000_000; del x"], tmp_path, os.environ)
    assert measured.peak_bytes > 100e6


def test_seconds_are_those_of_the_whole_process(tmp_path: Path) -> None:
    measured = measure_python(["-c", "import time; time.sleep(0.3); print('done')"], tmp_path, os.environ)
    assert measured.seconds >= 0.3
    assert measured.output == "done\n"


def test_process_that_fails_is_an_error_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3: no such luck"):
        measure_python(["-c", "import sys; sys.stderr.write('no such luck'); sys.exit(3)"], tmp_path, os.environ)
