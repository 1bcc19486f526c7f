"""npm packages are pinned by their hashes, and installed once, whole or not at all."""

import json
import os
from pathlib import Path

import pytest

from tests.parts.missing import PartMissingError
from tests.programs.npm_packages import npm_packages

LOCK = Path(__file__).with_name("typescript-client") / "package-lock.json"
NPM_THAT_INSTALLS = "#!/bin/sh\nmkdir node_modules\ncp package-lock.json node_modules\n"
NPM_THAT_FAILS = "#!/bin/sh\nmkdir node_modules\necho 'npm error code EINTEGRITY' >&2\nexit 1\n"


def install_npm(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a stand-in first in PATH, and an empty cache beside it: the real one asks a registry."""
    folder.mkdir()
    (folder / "npm").write_text(script)
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


def test_every_package_is_pinned_by_its_hash_and_none_by_an_address() -> None:
    packages = {name: pin for name, pin in json.loads(LOCK.read_text())["packages"].items() if name}
    assert {"node_modules/openapi-fetch", "node_modules/openapi-typescript", "node_modules/typescript"} <= set(packages)
    assert all(pin["integrity"].startswith("sha512-") for pin in packages.values())
    assert not any("resolved" in pin for pin in packages.values())


def test_second_call_takes_what_the_first_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_npm(NPM_THAT_INSTALLS, tmp_path / "bin", monkeypatch)
    installed = npm_packages("typescript-client")
    assert (installed / "node_modules" / "package-lock.json").read_bytes() == LOCK.read_bytes()
    (tmp_path / "bin" / "npm").write_text(NPM_THAT_FAILS)
    assert npm_packages("typescript-client") == installed


def test_failed_installation_leaves_nothing_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_npm(NPM_THAT_FAILS, tmp_path / "bin", monkeypatch)
    with pytest.raises(PartMissingError, match="typescript-client cannot be installed: npm error code EINTEGRITY"):
        npm_packages("typescript-client")
    assert list((tmp_path / "bin" / "cache" / "recommender-tests").iterdir()) == []
