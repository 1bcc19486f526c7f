"""The images as fixtures: built once where something in them changed, mounted for the session."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.build import build, local_name
from tests.images.buildah import Buildah
from tests.images.containers import Image
from tests.images.mariadb_server import MariaDbServer, running_server
from tests.images.minio_server import running_minio
from tests.images.recipes import API, MARIADB, MINIO, TRAINER, Recipe
from tests.images.shop import Shop, trained
from tests.parts.missing import PartMissingError


@pytest.fixture(scope="session")
def buildah() -> Buildah:
    if os.geteuid() != 0:
        pytest.skip("building images needs root")
    return Buildah()


@pytest.fixture(scope="session")
def trainer_image(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    yield from _mounted(TRAINER, buildah, tmp_path_factory)


@pytest.fixture(scope="session")
def api_image(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    yield from _mounted(API, buildah, tmp_path_factory)


@pytest.fixture(scope="session")
def mariadb_image(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    yield from _mounted(MARIADB, buildah, tmp_path_factory)


@pytest.fixture(scope="session")
def minio_image(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    yield from _mounted(MINIO, buildah, tmp_path_factory)


@pytest.fixture(scope="session")
def shop(trainer_image: Image) -> Shop:
    """Give a sample shop in SQLite, with a model trained on it in a folder."""
    return trained(trainer_image)


@pytest.fixture
def s3_settings(minio_image: Image) -> Iterator[dict[str, str]]:
    """Give the settings of a store in MinIO's image."""
    with running_minio(minio_image) as settings:
        yield settings


@pytest.fixture
def mariadb_server(mariadb_image: Image) -> Iterator[MariaDbServer]:
    with running_server(mariadb_image) as server:
        yield server


def _mounted(recipe: Recipe, buildah: Buildah, folders: pytest.TempPathFactory) -> Iterator[Image]:
    try:
        build(recipe, buildah, lambda _: None)
    except PartMissingError as missing:
        pytest.skip(str(missing))
    name = local_name(recipe)
    with buildah.mounted(name) as root:
        yield Image(root, buildah.config(name)["config"], _reachable(folders.mktemp(recipe.name)))


def _reachable(folder: Path) -> Path:
    """Let other users through to a folder: pytest's own are closed to them, and containers run as one of them."""
    for parent in [folder, *folder.parents][:3]:
        parent.chmod(parent.stat().st_mode | 0o011)
    return folder
