"""Kill Dask's workers at random moments of trainings: the model's bytes must be those of one machine each time.

python -m tests.faults.killed_workers [--kills 20] [--seed 1]
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from benchmarks.generated_shops import GeneratedShop, generated_tables, write_sqlite
from registry.files import FileStore
from tests.parts.children import children_of
from tests.parts.telling import tell
from tests.trainer.distributed.eager import EAGER

_LARGE: Final = GeneratedShop(users=4_000, products=1_200, purchases=120_000, views=60_000)
_SETTINGS: Final = {"TRAINER_CLASS": EAGER, "MIN_CO_OCCURRENCE": "2", "LOG_FORMAT": "human"}
# Dask gives a task up that was with four workers that died: kills come too seldom for one task to see as many.
_LEAST_GAP_SECONDS, _MEAN_GAP_SECONDS = 0.5, 2.5
_LONGEST_RUN_SECONDS: Final = 600
_NEVER_TOLD: Final = ("Traceback", "This is a bug", "Task exception was never retrieved")


@dataclass
class Killed:
    """What came of it: runs, kills, and what was not as it must be."""

    model: str = ""
    runs: int = 0
    kills: int = 0
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def to_lines(self) -> list[str]:
        """The report."""
        return [
            f"{self.kills} workers killed in {self.runs} runs, {self.seconds:.0f} s",
            f"The model of one machine: {self.model[:16]}",
            *self.findings,
            f"{len(self.findings)} findings",
        ]


class Shop:
    """A generated shop, and trainings of it, each into a store of its own."""

    def __init__(self, folder: Path, shop: GeneratedShop, recipe: str) -> None:
        self._folder = folder
        url = write_sqlite(folder / "shop.db", generated_tables(shop)).render_as_string()
        spill = folder / "spill"
        spill.mkdir()
        self._environment = {
            **os.environ,
            **_SETTINGS,
            "DATABASE_URL": url,
            "RECIPE": recipe,
            "SPILL_FOLDER": str(spill),
        }

    def train(self, name: str, *arguments: str) -> "Training":
        """Start one."""
        return Training(self._folder / name, arguments, self._environment)


class Training:
    """A run of the trainer, its store, and what it says."""

    def __init__(self, folder: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        self._store, self._log = folder / "store", folder / "log"
        folder.mkdir()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "trainer", *arguments],
                env={**environment, "STORE_URL": self._store.as_uri()},
                stdout=log,
                stderr=log,
            )

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self._log.read_text(errors="replace")

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self._process.poll() is not None

    def workers(self) -> list[int]:
        """Give the processes of its workers, once it has some."""
        if "Workers: " not in self.said or "Worker 0: " in self.said:
            return []
        children = children_of(self._process.pid)
        return sorted(pid for pid, command in children.items() if b"spawn_main" in command)

    def wait(self) -> int:
        """Give its exit code."""
        try:
            return self._process.wait(_LONGEST_RUN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def model(self) -> str:
        """Give the sha256 of the model that it made, nothing where there is none."""
        paths = sorted(self._store.glob("models/*/model.safetensors"))
        return sha256(paths[0].read_bytes()).hexdigest() if paths else ""

    def problems(self, model: str) -> list[str]:
        """Say what is not as it must be after its end."""
        code, said = self.wait(), self.said
        found = [f"it ended with {code}: {said[-600:]}"] if code else []
        if self.model() != model:
            found.append(f"it made the model {self.model()[:16] or 'of nothing'}, not {model[:16]}")
        if staged := [info.key for info in FileStore(self._store).list("staging/")]:
            found.append(f"it left {len(staged)} objects staged, {staged[0]} the first")
        return [*found, *(f"it said {words!r}: {said[:3000]}" for words in _NEVER_TOLD if words in said)]


def kill_workers(
    folder: Path,
    kills: int,
    seed: int = 1,
    shop: GeneratedShop = _LARGE,
    recipe: str = "auto",
    progress: Callable[[str], None] = lambda _: None,
) -> Killed:
    """Train until so many workers were killed."""
    killed, started, chance = Killed(), time.monotonic(), random.Random(seed)
    trainings = Shop(folder, shop, recipe)
    alone = trainings.train("one machine")
    if alone.wait():
        raise RuntimeError(alone.said)
    killed.model = alone.model()
    while killed.kills < kills:
        killed.runs += 1
        training, before = trainings.train(f"run-{killed.runs}", "--dask", "local:3"), killed.kills
        _kill_some(training, kills, killed, chance)
        killed.findings += [f"run {killed.runs}: {problem}" for problem in training.problems(killed.model)]
        progress(f"run {killed.runs}: {killed.kills - before} killed, {len(killed.findings)} findings so far")
    killed.seconds = time.monotonic() - started
    return killed


def _kill_some(training: Training, most: int, killed: Killed, chance: random.Random) -> None:
    """Kill workers of a run, at random moments, until it ends or has lost enough."""
    at = time.monotonic()
    while not training.ended and killed.kills < most:
        time.sleep(0.02)
        workers = training.workers()
        if not workers:
            at = time.monotonic() + chance.expovariate(1 / _MEAN_GAP_SECONDS)
        elif time.monotonic() > at:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed.kills += 1
            at = time.monotonic() + _LEAST_GAP_SECONDS + chance.expovariate(1 / _MEAN_GAP_SECONDS)


def main() -> int:
    """Kill workers of a shop of its own, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recommender-killing-") as folder:
        killed = kill_workers(Path(folder), asked.kills, asked.seed, progress=tell)
    tell("\n".join(killed.to_lines()))
    return 1 if killed.findings else 0


if __name__ == "__main__":
    sys.exit(main())
