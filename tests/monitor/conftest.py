"""The monitor's command, run as a process runs it, and a shop large enough to be well."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from model.model import Model
from monitor.__main__ import main
from registry.files import FileStore
from registry.registry import Registry
from runtime.process import run
from tests.builders import a_model, integer_ids


@dataclass(frozen=True)
class Ended:
    """How a run of the command ended."""

    exit_code: object
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed

    def checks(self, severity: str) -> list[str]:
        return [finding["check"] for finding in self.report[severity]]


Command = Callable[..., Ended]


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Give `python -m monitor`, in this process: a function of the arguments after it."""

    def command(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["monitor", *arguments])
        with pytest.raises(SystemExit) as ended:
            run(main)
        return Ended(ended.value.code, *capsys.readouterr())

    before = signal.getsignal(signal.SIGTERM)
    yield command
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Give the registry that the monitor finds by default in the folder a test runs in."""
    return Registry(FileStore(tmp_path / "var" / "store"))


def a_shop(n_users: int = 60, n_products: int = 12) -> Model:
    """A model in which every product has two neighbours and every user three products."""
    return a_model(
        products=integer_ids(list(range(n_products))),
        users=integer_ids(list(range(n_users))),
        neighbours={item: {(item + 1) % n_products: 0.75, (item + 2) % n_products: 0.25} for item in range(n_products)},
        histories={user: {(user + step) % n_products: 1.0 for step in range(3)} for user in range(n_users)},
    )
