"""Runs the monitor on a shop in trouble, once a look, and keeps what it said."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from registry.history import read_health
from tests.e2e.fault_table.faults import Look
from tests.e2e.shop import Json, Shop


@dataclass(frozen=True)
class Seen:
    """A report, what the store holds as health.json after it, the exit code, and each fault's seconds until then."""

    report: Json
    kept: Json | None
    exit_code: int
    seconds: Mapping[str, float]

    @property
    def checks(self) -> dict[str, Json]:
        """What each check said."""
        return {one["check"]: one for one in self.report["checks"]}


class Watch:
    """Each look is had once, and before any of them one at the shop as it should be."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.well = _seen(shop, {}, {})
        self._seen: dict[str, Seen] = {}

    def at(self, look: Look) -> Seen:
        """Cause the faults, have the monitor run, and take the faults back."""
        if look.name not in self._seen:
            self._look(look)
        return self._seen[look.name]

    def _look(self, look: Look) -> None:
        since, settings = {}, dict(look.settings)
        with ExitStack() as there:
            for fault in look.faults:
                given = there.enter_context(fault.cause(self.shop))
                settings.update(given or {})
                since[fault.name] = time.monotonic()
            for other in look.meanwhile:
                self._look(other)
            look.ripe(self.shop)
            self._seen[look.name] = _seen(self.shop, settings, since)


def _seen(shop: Shop, settings: Mapping[str, str], since: Mapping[str, float]) -> Seen:
    ended = shop.ended(shop.start("monitor", settings, ("--format", "json")))
    seconds = {name: time.monotonic() - begun for name, begun in since.items()}
    reports = [line for line in ended.log_lines() if "checks" in line]
    assert len(reports) == 1, ended.logs
    with shop.registry() as registry:
        return Seen(reports[0], read_health(registry.store), ended.exit_codes[0], seconds)
