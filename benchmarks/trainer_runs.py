"""Whole runs of `python -m trainer` as a person starts them, each in its own process, with a store in a folder."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

from benchmarks.measuring import measure_python
from trainer.settings import TrainerSettings


@dataclass(frozen=True)
class TrainerRun:
    """One run: wall seconds and peak of the whole process; seconds of each step as it recorded them itself."""

    seconds: float
    peak_bytes: int
    seconds_by_step: dict[str, float]
    events: dict[str, int]
    metrics: dict[str, float]

    @property
    def seconds_outside_steps(self) -> float:
        """Starting Python, the imports that every run makes, and the end of the process."""
        return self.seconds - sum(self.seconds_by_step.values())


def run_trainer(url: URL, folder: Path, settings: Mapping[str, str]) -> TrainerRun:
    """Train once from a database into the store in a folder. Raises RuntimeError where the run fails."""
    measured = measure_python(["-m", "trainer"], folder, trainer_environment(url, folder, settings))
    store = folder / "store"
    run = json.loads((store / "metrics.json").read_bytes())[-1]
    manifest = json.loads((store / "models" / run["version"] / "manifest.json").read_bytes())
    steps, events, metrics = run["seconds_by_step"], manifest["events"], manifest["metrics"]
    return TrainerRun(measured.seconds, measured.peak_bytes, steps, events, metrics)


def trainer_environment(url: URL, folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Give this process's environment without its settings of this project, and with those of a run."""
    known = {name.upper() for name in TrainerSettings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name.upper() not in known}
    database = url.render_as_string(hide_password=False)
    return {**kept, "DATABASE_URL": database, "STORE_URL": (folder / "store").as_uri(), **settings}
