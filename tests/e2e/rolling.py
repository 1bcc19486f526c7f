"""Restart the API of a real cluster again and again under load: no request may be lost or answered otherwise.

python -m tests.e2e.rolling [--restarts 20]
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.e2e.load import Counts, Load, steady_load
from tests.e2e.shop import Shop
from tests.e2e.target import prepared_cluster
from tests.e2e.volumes import hand_made_volumes
from tests.parts.telling import tell


@dataclass
class Rolled:
    """What came of it: seconds for each restart, and what customers got."""

    seconds: list[float] = field(default_factory=list)
    counts: Counts = field(default_factory=lambda: Counts({}, []))

    def to_lines(self) -> list[str]:
        """The report."""
        answers = sum(self.counts.versions.values())
        return [
            f"{len(self.seconds)} rolling restarts, {sum(self.seconds):.0f} s; {answers:,} right answers",
            *self.counts.failures[:20],
            f"{len(self.counts.failures)} requests lost or wrong",
        ]


@contextmanager
def trained_shop() -> Iterator[Shop]:
    """Have a release on a real cluster for as long as the context lasts, trained for the first time."""
    with prepared_cluster(tell) as cluster:
        shop = Shop(cluster)
        with hand_made_volumes(shop):
            shop.install()
            assert shop.ended("trainer-first").succeeded
            shop.wait_for_rollout()
            yield shop
            cluster.kubectl("delete", "namespace", shop.namespace, "--wait=true", "--timeout=120s")


def roll(shop: Shop, restarts: int) -> Rolled:
    """Restart all replicas that many times, while customers ask."""
    rolled = Rolled()
    with steady_load(shop) as load:
        for _ in range(restarts):
            before, started = names_of(shop), time.monotonic()
            restart(shop, load)
            assert before.isdisjoint(names_of(shop)), "a replica is still the one of before"
            rolled.seconds.append(time.monotonic() - started)
            tell(f"restart {len(rolled.seconds)}: {rolled.seconds[-1]:.0f} s, {len(load.counts().failures)} failures")
        rolled.counts = load.until_more()
    return rolled


def restart(shop: Shop, load: Load) -> None:
    """Replace each replica as an operator does, until the old ones are gone and customers are served by the new."""
    shop.kubectl("rollout", "restart", "deployment/api")
    shop.wait_for_rollout()
    selector = "--selector=app.kubernetes.io/component=api"
    wanted = int(shop.read("deployment", "api")["spec"]["replicas"])
    shop.until(lambda: len(shop.read("pods", selector)["items"]) == wanted, "the replicas of before are gone")
    load.until_more()


def names_of(shop: Shop) -> set[str]:
    return {pod["metadata"]["name"] for pod in shop.replicas()}


def main() -> int:
    """Roll a release of its own, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restarts", type=int, default=20)
    asked = parser.parse_args()
    with trained_shop() as shop:
        rolled = roll(shop, asked.restarts)
    tell("\n".join(rolled.to_lines()))
    return 1 if rolled.counts.failures else 0


if __name__ == "__main__":
    sys.exit(main())
