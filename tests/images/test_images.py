"""What holds for both of the product's images."""

import re
from pathlib import Path
from typing import Final

import pytest

from runtime import __version__
from tests.images.containers import Image
from tests.images.recipes import API, TRAINER, Recipe
from tests.images.sizes import own_bytes

pytestmark = pytest.mark.cluster

_MOST_MEGABYTES: Final = {TRAINER.name: 730, API.name: 200}
_PACKAGES: Final = {
    TRAINER.name: {"trainer", "monitor", "plots", "serving", "registry", "cluster", "model", "runtime"},
    API.name: {"api", "plots", "serving", "registry", "cluster", "model", "runtime"},
}
_PROGRAM_FOLDERS: Final = ("usr/bin", "usr/sbin", "usr/local/bin", "opt/venv/bin")
_INSTALLERS: Final = {"pip", "setuptools", "ensurepip"}
_TOOL: Final = re.compile(r"(pip|gcc|g\+\+|cc|c\+\+|clang|ld|as|make|strip|git)[\d.-]*")
_IMPORT_ALL: Final = """
import importlib, pkgutil, sys
for package in sys.argv[1:]:
    for module in pkgutil.walk_packages([package], f"{package}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            print(module.name)
"""


@pytest.fixture(params=[TRAINER, API], ids=lambda recipe: recipe.name)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    chosen: Recipe = request.param
    return chosen


@pytest.fixture
def image(recipe: Recipe, trainer_image: Image, api_image: Image) -> Image:
    return {TRAINER: trainer_image, API: api_image}[recipe]


def test_runs_python_of_its_environment_as_an_unprivileged_user(image: Image, recipe: Recipe) -> None:
    assert image.config["User"] == "10001:10001"
    assert image.config["Entrypoint"] == ["/opt/venv/bin/python"]
    assert image.config["Cmd"] == ["-m", recipe.name.removeprefix("recommender-")]
    told = image.run("-c", "import os, sys; print(os.getuid(), os.getgid(), sys.prefix, os.getcwd())")
    assert told.stdout == "10001 10001 /opt/venv /app\n"


def test_says_what_it_is(image: Image, recipe: Recipe) -> None:
    labels = image.config["Labels"]
    assert labels["org.opencontainers.image.title"] == recipe.name
    assert labels["org.opencontainers.image.version"] == __version__
    assert labels["org.opencontainers.image.description"]


def test_layers_above_the_base_stay_below_their_limit(image: Image, recipe: Recipe) -> None:  # noqa: ARG001
    assert own_bytes(recipe) / 1e6 <= _MOST_MEGABYTES[recipe.name]


def test_holds_nothing_that_installs_or_compiles(image: Image) -> None:
    programs = [path.name for folder in _PROGRAM_FOLDERS for path in (image.root / folder).iterdir()]
    assert {"python3"} <= set(programs)
    assert [name for name in programs if _TOOL.fullmatch(name)] == []
    everything = [path for folder in ("usr", "opt") for path in (image.root / folder).rglob("*")]
    assert [path for path in everything if path.suffix == ".whl" or path.name in _INSTALLERS] == []


def test_holds_its_own_packages_and_nothing_else_of_the_repository(image: Image, recipe: Recipe) -> None:
    folders = {path.name for path in (image.root / "app").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} == _PACKAGES[recipe.name]
    endings = {path.suffix for path in (image.root / "app").rglob("*") if path.is_file()}
    assert endings <= {".py", ".pyc", ".nbi", ".nbc", ".css", ".j2", ".js", ".svg", ".toml"}  # of the last five, pages


def test_nothing_that_runs_can_be_changed_by_who_runs_it(image: Image) -> None:
    everything = [path for folder in ("opt", "app") for path in (image.root / folder).rglob("*")]
    assert everything
    assert [path for path in everything if not path.is_symlink() and _anyone_may_write(path)] == []


def test_every_module_can_be_imported_from_bytecode_on_a_read_only_root(image: Image, recipe: Recipe) -> None:
    packages = sorted(_PACKAGES[recipe.name])
    imported = image.run("-v", "-c", _IMPORT_ALL, *packages)
    assert imported.returncode == 0, [line for line in imported.stderr.splitlines() if line[:1] != "#"][-5:]
    assert {name.split(".")[0] for name in imported.stdout.split()} == set(packages)
    assert re.findall(r"# code object from '(.*\.py)'", imported.stderr) == []
    assert re.findall(r"# code object from '(/app/.*\.pyc)'", imported.stderr)


def _anyone_may_write(path: Path) -> bool:
    stat = path.stat()
    return bool(stat.st_mode & 0o022) or stat.st_uid != 0
