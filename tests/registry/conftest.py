"""The backends that the contract binds."""

from pathlib import Path

import pytest

from registry.files import FileStore
from registry.objects import ObjectStore
from registry.registry import Registry


@pytest.fixture
def file_store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "store")


@pytest.fixture(params=["files", "s3", "s3 in parts"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """Give an empty store, once of each kind."""
    name = {"files": "file_store", "s3": "s3_store", "s3 in parts": "s3_store_in_parts"}[request.param]
    opened: ObjectStore = request.getfixturevalue(name)
    return opened


@pytest.fixture
def registry(file_store: FileStore) -> Registry:
    return Registry(file_store)
