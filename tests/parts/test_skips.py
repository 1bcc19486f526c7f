"""A part that is missing skips its tests, is named in the last lines, and fails the session in CI."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS_WITHOUT_MARIADB = """
import shutil
shutil.which = lambda *arguments, **options: None

def test_one(mariadb): ...
def test_two(mariadb_url): ...
def test_other(): ...
"""
SKIPPED_IN_OTHER_WAYS = """
import pytest

@pytest.mark.skip(reason="no moon")
def test_one(): ...

@pytest.mark.xfail(reason="a known defect", strict=True)
def test_two(): assert False
"""
A_SKIPPED_MODULE = "import pytest\npytest.importorskip('no_such_module')\n"


def run_session(folder: Path, *sources: str, plugins: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
    """Run a session of the given test modules that has only these plugins of ours."""
    for number, source in enumerate(sources):
        (folder / f"test_{number}.py").write_text(source)
    loaded = [option for plugin in ("tests.parts.skips", *plugins) for option in ("-p", plugin)]
    command = [sys.executable, "-m", "pytest", "-q", *loaded, str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_missing_part_is_named_with_its_remedy_and_the_number_of_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    session = run_session(tmp_path, TESTS_WITHOUT_MARIADB, plugins=("tests.parts.fixtures",))
    line = "SKIPPED PARTS: MariaDB is not installed (apt-get install mariadb-server): 2 tests did not run"
    assert line in session.stdout.splitlines()
    assert session.returncode == 0


def test_any_skipped_test_fails_the_session_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    session = run_session(tmp_path, SKIPPED_IN_OTHER_WAYS, A_SKIPPED_MODULE)
    assert "SKIPPED PARTS: no moon: 1 test did not run" in session.stdout
    assert "SKIPPED PARTS: could not import 'no_such_module'" in session.stdout
    assert "a known defect" not in session.stdout
    assert "FAILED: with CI=true every test has to run" in session.stdout.splitlines()
    assert session.returncode == 1


def test_session_in_which_every_test_ran_is_well_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    session = run_session(tmp_path, "def test_one(): ...\n")
    assert "SKIPPED" not in session.stdout
    assert session.returncode == 0
