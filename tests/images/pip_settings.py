"""How pip reaches its index on this machine, for the pip inside a build."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_WAYS: Final = ("index-url", "extra-index-url", "trusted-host", "proxy")


@contextmanager
def pip_mounts() -> Iterator[list[str]]:
    """Give what is to be mounted while an image is built. Mounts leave nothing in it, which `--env` would.

    Certificates, since the index may be reached through a proxy with one of its own; and pip's settings.
    """
    certificates = "/etc/ssl/certs:/etc/ssl/certs:ro"
    with TemporaryDirectory(prefix="recommender-pip-") as folder:
        file = Path(folder) / "pip.conf"
        file.write_text(pip_config(_settings()))
        yield [certificates, f"{file}:/etc/pip.conf:ro"]


def pip_config(listed: str) -> str:
    """Give as a pip.conf what of `pip config list` tells the way to the index, whether from files or environment."""
    ways: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        if name.rpartition(".")[2] in _WAYS:
            ways[name.rpartition(".")[2]] = value.strip("'\"").replace("\\n", "\n    ")
    return "".join(["[global]\n", *(f"{name} = {value}\n" for name, value in ways.items())])


def _settings() -> str:
    command = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
