"""A week of the sample shop's nights, for pictures that look like a shop's own console."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from registry.files import FileStore
from registry.registry import Registry
from runtime.errors import RecommenderError
from tests.api.live import REPOSITORY, ServerProcess
from tests.parts.missing import PartMissingError
from trainer.sample_shop.tables import fill
from trainer.sample_shop.tastes import ShopShape

_LIBRARIES: Final = Path("/usr/lib")
_HALF_OF_THE_ORDERS: Final = """
SELECT o.user_id AS user_id, i.product_id AS product_id, o.created_at AS occurred_at
FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.id % 2 = 0
"""
_BROKEN_EXPORT: Final = {"EVENTS": json.dumps({"purchase": {"sql": _HALF_OF_THE_ORDERS}})}
_FORCED: Final = {**_BROKEN_EXPORT, "FORCE": "half of the orders moved to another shop"}
# What the trainer is told each night: the sixth night's export is broken, and a person insists on the next.
_NIGHTS: Final[tuple[Mapping[str, str], ...]] = ({}, {}, {}, {}, {}, _BROKEN_EXPORT, _FORCED)
_LAST_DAY: Final = f"2025-01-{len(_NIGHTS):02}"
_UNTIL: Final = datetime.fromisoformat(f"{_LAST_DAY}T00:00:00+00:00")
# So many users, and so long a time, that enough of them do something new, and metrics can be drawn.
_SHAPE: Final = ShopShape(users=300, purchases=9_000, views=6_000, interactions=5_000)

# One recipe, since to try them all takes a while; and fewer interactions than the monitor is told to expect.
_SETTINGS: Final = {"HOLDOUT_DAYS": "60", "RECIPE": "cosine", "MIN_INTERACTIONS": "5000"}


@dataclass(frozen=True)
class Week:
    """A shop's database, its store and its clock, which stands where somebody wants it."""

    folder: Path
    faketime: Path

    @property
    def _database(self) -> str:
        return f"sqlite:///{self.folder / 'shop.db'}"

    @property
    def registry(self) -> Registry:
        return Registry(FileStore(self.folder / "store"))

    def live(self) -> None:
        """Fill the shop, train each night, and have the monitor look in the morning."""
        fill(make_url(self._database), _SHAPE, _UNTIL)
        for day, told in enumerate(_NIGHTS, 1):
            self._run(f"2025-01-{day:02} 02:00:00", "trainer", **_SETTINGS, **told)
        self._run(f"{_LAST_DAY} 06:00:00", "monitor", "--action", "health", **_SETTINGS)

    @contextmanager
    def served(self) -> Iterator[ServerProcess]:
        """Serve it later in the morning of the last day."""
        with ServerProcess(self.folder, self._at(f"{_LAST_DAY} 08:00:00")) as server:
            yield server.until("/readyz")

    def _run(self, at: str, *command: str, **told: str) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": str(Path.home()), "USER": "ann", **self._at(at), **told}
        module = [sys.executable, "-m", *command]
        ended = subprocess.run(module, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise RecommenderError(f"{' '.join(command)} at {at}: {ended.stderr.splitlines()[-1]}")

    def _at(self, time: str) -> dict[str, str]:
        """Give the environment of a command that takes it for that time, in UTC, when it begins."""
        clock = {"LD_PRELOAD": str(self.faketime), "FAKETIME": f"@{time}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        shop = {"DATABASE_URL": self._database, "STORE_URL": (self.folder / "store").as_uri()}
        return {**clock, **shop, "TZ": "UTC", "PYTHONPATH": str(REPOSITORY)}


def a_week(folder: Path) -> Week:
    """Give a week that is still to be lived. Raises PartMissingError."""
    found = sorted(_LIBRARIES.glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise PartMissingError("libfaketime is not installed: apt-get install libfaketime pngquant")
    return Week(folder, found[0])
