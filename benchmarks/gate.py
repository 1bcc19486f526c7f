"""`python -m benchmarks.gate`: what the gate does with bad data, and how often it is in the way of honest retrainings.

On the Complete Journey (1,469,307 purchases of a year) and on the sample shop. Fails where a model goes live that makes
recommendations worse by more than the tolerance, or where fewer than 95 of 100 honest retrainings do.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.bad_data import BAD_DATA
from benchmarks.event_sources import complete_journey, sample_shop
from benchmarks.harm import change_in_ndcg
from benchmarks.machine import this_machine
from benchmarks.nights import Shop, judged, night
from runtime.errors import BadDataError, Exit
from runtime.process import run
from trainer.candidate import Candidate
from trainer.evaluation.bootstrap import Interval
from trainer.events import Events
from trainer.gate.rules import RULES
from trainer.gate.ruling import Verdict
from trainer.settings import TrainerSettings

_DAY_SECONDS: Final = 86_400
_TOLERANCE: Final = next(rule.threshold for rule in RULES if rule.name == "champion")
_HONEST_SHARE: Final = 0.95
# In shares of the shop's whole time: when its honest nights begin, and when the bad one comes.
_FIRST_NIGHT: Final = 0.4
_BAD_NIGHT: Final = 0.8
_NIGHTS_BEFORE: Final = 5
_SEED: Final = 20250105


@dataclass(frozen=True)
class BadNight:
    """What became of bad data: the change in ndcg that they would have brought, and the rules that saw it."""

    name: str
    change: Interval | None
    rejected_by: list[str]
    warned_by: list[str]

    @property
    def is_harmful(self) -> bool:
        """Whether customers would have been served worse by more than the tolerance."""
        return self.change is None or self.change.mean < -_TOLERANCE

    @property
    def slipped_through(self) -> bool:
        return self.is_harmful and not self.rejected_by


def main() -> Exit:
    """Measure, print the tables, and say whether the gate does what it is for."""
    arguments = _parser().parse_args()
    print(this_machine(), flush=True)
    results = [_measure(name, *source, arguments) for name, source in _SHOPS.items() if arguments.shop in {None, name}]
    return Exit.DONE if all(results) else Exit.FAILED


def _measure(name: str, source: Callable[[], Events], settings: dict[str, Any], arguments: argparse.Namespace) -> bool:
    events = source()
    with tempfile.TemporaryDirectory(prefix="recommender-gate-") as folder:
        told = TrainerSettings.load(database_url="sqlite:///unused.db", **settings)
        bad_nights = list(_bad_nights(Shop(name, events, told, Path(folder) / "bad")))
        _print_bad_nights(name, bad_nights)
        accepted = _honest_nights(Shop(name, events, told, Path(folder) / "honest"), arguments.nights)
    print(f"\n{name}: {accepted} of {arguments.nights} honest retrainings on growing data went live", flush=True)
    return not any(one.slipped_through for one in bad_nights) and accepted >= _HONEST_SHARE * arguments.nights


def _bad_nights(shop: Shop) -> Iterator[BadNight]:
    """Live through some good nights, and then try each bad one, and a sound one, in place of the next."""
    at = _at(shop.events, _BAD_NIGHT)
    for before in range(_NIGHTS_BEFORE, 0, -1):
        night(shop, at - before * _DAY_SECONDS)
    sound_events = shop.until(at)
    sound = judged(shop, sound_events, at)
    yield BadNight("(sound data)", Interval(0.0, 0.0, 0.0), *_rules_of(sound))
    for name, spoil in BAD_DATA.items():
        spoiled = spoil(sound_events, np.random.default_rng(_SEED)).without_unused_ids()
        try:
            bad = judged(shop, spoiled, at)
        except BadDataError:
            yield BadNight(name, None, ["invalid"], [])
            continue
        change = change_in_ndcg(bad.model, sound.model, shop.events, at, shop.settings.evaluation_k)
        yield BadNight(name, change, *_rules_of(bad))


def _honest_nights(shop: Shop, nights: int) -> int:
    """Retrain again and again while the data grow, and count how often the new model goes live."""
    times = np.linspace(_at(shop.events, _FIRST_NIGHT), int(shop.events.occurred_at.max()), nights, dtype=np.int64)
    accepted = 0
    for number, at in enumerate(times.tolist(), 1):
        report = night(shop, at).report
        accepted += report.accepts
        if not report.accepts:
            print(f"  {shop.name}, night {number}: {report.reason}", flush=True)
    return accepted


def _rules_of(candidate: Candidate) -> tuple[list[str], list[str]]:
    rejecting, warning = candidate.report.of(Verdict.REJECTED), candidate.report.of(Verdict.WARNED)
    return [ruling.rule for ruling in rejecting], [ruling.rule for ruling in warning]


def _at(events: Events, share: float) -> int:
    """Give the time at a share of a shop's whole time."""
    first, last = int(events.occurred_at.min()), int(events.occurred_at.max())
    return first + int(share * (last - first))


def _print_bad_nights(name: str, nights: list[BadNight]) -> None:
    print(f"\n{name}\n\n| what went wrong | ndcg afterwards | rejected by | warned of by | |\n|---|---|---|---|---|")
    for one in nights:
        change = one.change
        told = f"{change.mean:+.1%} ({change.low:+.1%} to {change.high:+.1%})" if change else "no model"
        end = "SLIPPED THROUGH" if one.slipped_through else ("harmful" if one.is_harmful else "")
        print(
            f"| {one.name} | {told} | {', '.join(one.rejected_by)} | {', '.join(one.warned_by)} | {end} |", flush=True
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description=__doc__)
    parser.add_argument(
        "--nights", type=int, default=100, help="honest retrainings of each shop (default: %(default)s)"
    )
    parser.add_argument("--shop", choices=[*_SHOPS], help="one shop only")
    return parser


# In the sample shop users come to know nearly all of its 33 products, so that lists of 10 would leave no choice.
_SHOPS: Final[dict[str, tuple[Callable[[], Events], dict[str, Any]]]] = {
    "complete-journey": (complete_journey, {}),
    "sample-shop": (sample_shop, {"evaluation_k": 3, "holdout_min_users": 20}),
}

if __name__ == "__main__":
    run(main)
