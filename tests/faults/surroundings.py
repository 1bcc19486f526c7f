"""What all lanes share: a shop to train on, an environment without this machine's settings, and the scenes' states."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from registry.files import FileStore
from tests.faults.forking import Order
from tests.faults.scenes import SCENES, State, state_of
from tests.faults.trainers import Trainers
from trainer.sample_shop.tables import fill

_CHECKOUT: Final = Path(__file__).parents[2]


def shop_environment(folder: Path) -> dict[str, str]:
    """Make a sample shop in a folder; give the environment of a trainer on it, which lacks a store."""
    url = f"sqlite:///{folder}/shop.db"
    fill(make_url(url))
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "PYTHONPATH": str(_CHECKOUT),
        "DATABASE_URL": url,
        "LOG_FORMAT": "human",
        "THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def made_states(trainers: Trainers, environment: Mapping[str, str], folder: Path) -> dict[int, State]:
    """Give what a store holds after so many runs, for each number that a scene asks for."""
    folder.mkdir()
    store, states = FileStore(folder / "store"), dict[int, State]({0: {}})
    order = Order([], {**environment, "STORE_URL": (folder / "store").as_uri()}, str(folder), str(folder / "output"))
    for run in range(1, max(scene.runs_before for scene in SCENES.values()) + 1):
        ended = trainers.run(order)
        assert ended.exit_code == 0, ended.log
        states[run] = state_of(store)
    return states
