from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ThreadServer, settings_for
from tests.builders import a_catalogue, a_model, publish


class Serve(Protocol):
    def __call__(self, command: Sequence[str] | None = None, **settings: object) -> ThreadServer: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of this test's store."""
    return tmp_path / "store"


@pytest.fixture
def registry(folder: Path) -> Registry:
    """What others do to this test's store."""
    return Registry(FileStore(folder))


@pytest.fixture
def serve(folder: Path) -> Iterator[Serve]:
    """Start servers on this test's store."""
    servers: list[ThreadServer] = []

    def start(command: Sequence[str] | None = None, **settings: object) -> ThreadServer:
        servers.append(ThreadServer(settings_for(folder, **settings), command))
        return servers[-1]

    yield start
    for server in servers:
        server.end()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadServer]:
    """One server for all tests that only ask: the five products and three users of builders.a_model."""
    folder = tmp_path_factory.mktemp("shop") / "store"
    publish(Registry(FileStore(folder)))
    server = ThreadServer(settings_for(folder)).until_ready()
    yield server
    server.end()


@pytest.fixture(scope="session")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadServer]:
    """The shop with a catalogue: 10 and 30 are coffee, 20 cannot be bought, 10 costs 18.5 and 30 nobody knows what."""
    folder = tmp_path_factory.mktemp("cafe") / "store"
    publish(Registry(FileStore(folder)), replace(a_model(), catalogue=a_catalogue()))
    server = ThreadServer(settings_for(folder)).until_ready()
    yield server
    server.end()


@pytest.fixture
def damage(folder: Path) -> Callable[[str], None]:
    """Change one byte of a version's model file, in place, its size kept."""

    def change(version: str) -> None:
        path = folder / "models" / version / "model.safetensors"
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)

    return change
