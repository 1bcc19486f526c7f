"""Nothing a reader can see is ever half-written, whenever its writer dies."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("seed", [1, 2])
def test_publisher_killed_at_any_moment_leaves_a_current_model_that_loads(tmp_path: Path, seed: int) -> None:
    command = [sys.executable, "-m", "tests.registry.killing", str(tmp_path / "store"), "40", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
