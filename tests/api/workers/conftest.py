import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.api.live import ServerProcess
from tests.api.workers.pods import Pod


class Start(Protocol):
    def __call__(self, **settings: str) -> Pod: ...


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder for TMPDIR whose path leaves room for a socket's name, as those of pytest may not."""
    folder = Path(tempfile.mkdtemp(prefix="w-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start(tmp_path: Path, folder: Path, scratch: Path) -> Iterator[Start]:
    """Start `python -m api` with two workers on this test's store."""
    servers: list[ServerProcess] = []

    def start(**settings: str) -> Pod:
        given = {"STORE_URL": folder.as_uri(), "TMPDIR": str(scratch), "API_WORKERS": "2", **settings}
        own = tmp_path / f"server {len(servers) + 1}"
        own.mkdir(exist_ok=True)
        servers.append(ServerProcess(own, given))
        return Pod(servers[-1], scratch)

    yield start
    for server in servers:
        # The workers end with it.
        server.__exit__(None, None, None)
