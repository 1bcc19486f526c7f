"""Programs are built once, whole or not at all, and kept under what they were built from."""

import os
from pathlib import Path

import pytest

from tests.parts.missing import PartMissingError
from tests.programs.go_programs import cached_folder, go_programs

FIND_TARGET = '#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\n'
GO_THAT_BUILDS = FIND_TARGET + 'echo built > "$2minio"\n'
GO_THAT_FAILS = FIND_TARGET + "echo half > \"$2minio\"\necho 'no space left' >&2\nexit 1\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def install_go(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a stand-in for the compiler first in PATH: the real build takes two minutes."""
    folder.mkdir()
    (folder / "go").write_text(script)
    (folder / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_second_call_takes_what_the_first_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_go(GO_THAT_BUILDS, tmp_path / "bin", monkeypatch)
    built = go_programs("minio")
    assert (built / "minio").read_text() == "built\n"
    (tmp_path / "bin" / "go").write_text(GO_THAT_FAILS)
    assert go_programs("minio") == built
    assert list(built.iterdir()) == [built / "minio"]
    assert list(built.parent.iterdir()) == [built]


def test_failed_build_leaves_nothing_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_go(GO_THAT_FAILS, tmp_path / "bin", monkeypatch)
    with pytest.raises(PartMissingError, match="minio cannot be built from its Go module: no space left"):
        go_programs("minio")
    assert not cached_folder("minio").exists()


def test_cache_is_named_by_what_is_built(cache: Path) -> None:
    assert cached_folder("minio").parent == cache / "recommender-tests"
    assert cached_folder("minio").name.startswith("minio-")
