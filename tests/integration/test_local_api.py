"""scripts/local-api, with which `make run` leaves the API in the background."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests

from registry.files import FileStore
from registry.registry import Registry
from tests.builders import publish

CHECKOUT = Path(__file__).resolve().parents[2]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def local_api(tmp_path: Path) -> Iterator[Command]:
    """Run the script in a folder that looks like a checkout; the API is stopped at the end."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(CHECKOUT / "scripts" / "local-api", tmp_path / "scripts")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    publish(Registry(FileStore(tmp_path / "store")))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    settings = {"API_PORT": port, "STORE_URL": (tmp_path / "store").as_uri(), "PYTHONPATH": str(CHECKOUT)}

    def run(command: str, changes: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, **settings, **(changes or {})}
        script = [str(tmp_path / "scripts" / "local-api"), command]
        return subprocess.run(script, env=environment, capture_output=True, text=True, check=False, timeout=60)

    yield run
    run("stop")


def test_started_api_answers_and_stops(local_api: Command) -> None:
    started = local_api("start")
    assert started.returncode == 0, started.stderr
    url = started.stdout.split()[4]
    assert "model_version" in requests.get(f"{url}/readyz", timeout=5).json()
    assert "runs already" in local_api("start").stdout
    assert local_api("stop").stdout == "The API is stopped.\n"
    assert local_api("stop").stdout == "The API does not run.\n"


def test_wrong_setting_is_told_and_nothing_is_left_running(local_api: Command) -> None:
    started = local_api("start", {"STORE_URL": "nonsense"})
    assert started.returncode == 1
    assert "STORE_URL" in started.stderr
    assert local_api("stop").stdout == "The API does not run.\n"
