"""Swap models under load, each for a new one: no request may be lost or wrong, and the server may not grow.

python -m tests.faults.reloading [--reloads 100]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ServerProcess, wait_until
from tests.api.shoppers import Crowd, Swaps, numbered_model, shoppers, whole_answers
from tests.builders import publish
from tests.faults.process_figures import ProcessFigures, process_figures
from tests.parts.telling import tell

_N_PRODUCTS: Final = 20_000
_N_NEIGHBOURS: Final = 10
# A model is a file of 2 MB that is mapped, and 0.2 MB beside it: of these, less than is kept of a few that have gone.
_ROOM: Final = ProcessFigures(anonymous_mb=4, proportional_mb=6, open_files=3, mappings=8, threads=2)
_KEPT: Final = 2


@dataclass
class Reloaded:
    """What came of it: the server's figures after the first reloads and after all, and what shoppers saw."""

    reloads: int = 0
    after_first: ProcessFigures | None = None
    after_all: ProcessFigures | None = None
    answers: int = 0
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def to_lines(self) -> list[str]:
        """The report."""
        return [
            f"{self.reloads} reloads under load in {self.seconds:.0f} s; {self.answers:,} answers, each judged whole",
            f"After the first: {self.after_first}",
            f"After all:       {self.after_all}",
            *self.findings,
            f"{len(self.findings)} findings",
        ]


class Shop:
    """A store in which one version after the other is put in service; the oldest go, as they do after a training."""

    def __init__(self, folder: Path) -> None:
        self.registry = Registry(FileStore(folder))
        self.swaps = Swaps({})

    def put_in_service(self, number: int) -> str:
        """Publish and promote a new model, and give its version."""
        model = numbered_model(number, _N_PRODUCTS, _N_NEIGHBOURS)
        version = publish(self.registry, model, promote=False)
        self.swaps.whole[version] = whole_answers(model)
        self.registry.promote(version, "test", self.registry.pointer_state())
        self.registry.prune(_KEPT)
        return version


def reload(folder: Path, reloads: int, first: int, progress: Callable[[str], None] = lambda _: None) -> Reloaded:
    """Have a server of its own load that many models one after the other, the first of them to fill its memory."""
    reloaded, started, shop = Reloaded(), time.monotonic(), Shop(folder / "store")
    shop.put_in_service(1)
    environment = {"STORE_URL": (folder / "store").as_uri(), "ACCESS_LOG": "none"}
    with ServerProcess(folder, environment) as server:
        server.until("/readyz")
        with shoppers(server.port, shop.swaps) as crowd:
            for reloaded.reloads in range(1, reloads + 1):
                _swap(shop, crowd, number=reloaded.reloads + 1)
                figures = process_figures(server.process.pid)
                progress(f"{reloaded.reloads:4} {figures}")
                if reloaded.reloads == first:
                    reloaded.after_first = figures
            reloaded.after_all = figures
        reloaded.findings += _said(server)
    reloaded.answers, reloaded.seconds = crowd.answers.total(), time.monotonic() - started
    reloaded.findings += [*crowd.failures[:20], *_grown(reloaded)]
    return reloaded


def _swap(shop: Shop, crowd: Crowd, number: int) -> None:
    version = shop.put_in_service(number)
    wait_until(lambda: crowd.has_seen(version), 60)


def _said(server: ServerProcess) -> list[str]:
    """Give how often the server could not load, where that is more than never."""
    lines = server.client.get("/metrics").text.splitlines()
    return [line for line in lines if line.startswith("model_reload_failures_total") and not line.endswith(" 0.0")]


def _grown(reloaded: Reloaded) -> list[str]:
    assert reloaded.after_first is not None
    assert reloaded.after_all is not None
    limits = reloaded.after_first.with_room(_ROOM)
    return [] if reloaded.after_all.at_most(limits) else [f"the server grew to {reloaded.after_all}, beyond {limits}"]


def main() -> int:
    """Reload a server of its own, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reloads", type=int, default=100)
    parser.add_argument("--first", type=int, default=10, help="reloads that it may grow in")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recommender-reloading-") as folder:
        reloaded = reload(Path(folder), asked.reloads, asked.first, tell)
    tell("\n".join(reloaded.to_lines()))
    return 1 if reloaded.findings else 0


if __name__ == "__main__":
    sys.exit(main())
