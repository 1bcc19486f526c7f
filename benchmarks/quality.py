"""`python -m benchmarks.quality`: what each recipe is worth, what it takes, and what RECIPE=auto makes of it.

On the Complete Journey, its last four weeks held out, and on a generated shop whose true preferences are known. Recipes
see the configured weights as they are, and with each pair counted once; sides that need no training stand next to them.
Fails where what auto chooses is surely more than 1 % below the best.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import scipy.sparse as sp

from benchmarks.event_sources import complete_journey
from benchmarks.machine import this_machine
from benchmarks.measuring import measure_python
from benchmarks.shop_of_tastes import ShopOfTastes, Tastes, events_of, tastes_of
from model.many_lists import Lists
from model.model import Model
from model.neighbours import Neighbours
from runtime.errors import Exit
from runtime.process import run
from trainer.building import assembled
from trainer.choosing.choose import choose
from trainer.evaluation.bootstrap import intervals
from trainer.evaluation.cut import Cut, CutBy
from trainer.evaluation.gain import ndcg
from trainer.evaluation.hits import Values, hit_rate, recall
from trainer.evaluation.holdout import hold_out
from trainer.evaluation.lists import candidate_lists, popularity_lists
from trainer.evaluation.truth import Truth
from trainer.events import Events
from trainer.kinds import by_kind, neighbours_of
from trainer.listing import Asking
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings
from trainer.signal import user_items_of
from trainer.similarity.recipe_names import RECIPE_NAMES

_DAY_SECONDS: Final = 86_400
_K: Final = 10
_SIGNALS: Final = ("sum", "binary")
_TOLERANCE: Final = 0.01
_COLUMNS: Final = (
    "recipe",
    "repeats",
    "ndcg@10",
    "95 % interval",
    "recall@10",
    "hit rate@10",
    "seconds",
    "MB above the input",
)


@dataclass(frozen=True)
class Shop:
    """A shop cut in two: what is known, and what users took up behind the cut."""

    name: str
    events: Events
    cut: Cut
    truth: Truth
    tastes: Tastes | None

    @classmethod
    def of(cls, name: str, events: Events, days: float, tastes: Tastes | None = None) -> "Shop":
        cut = Cut(int(events.occurred_at.max()) - round(days * _DAY_SECONDS), CutBy.WINDOW)
        settings = _settings().model_copy(update={"holdout_users": len(events.users)})
        return cls(name, events, cut, Truth.of(hold_out(events, cut, settings), len(events.products)), tastes)

    def user_items(self, signal: str) -> sp.csr_matrix:
        settings = _settings().model_copy(update={"repeats": signal})
        return user_items_of(self.events, settings, until=self.cut.seconds, threads=settings.threads)

    def model(self, user_items: sp.csr_matrix, neighbours: Neighbours) -> Model:
        return assembled(self.events.products, self.events.users, user_items, neighbours)

    def known(self) -> Events:
        """Give what a trainer is shown at the time of the cut."""
        return self.events.where(self.events.occurred_at <= self.cut.seconds)


def _journey() -> Shop:
    return Shop.of("Complete Journey, four weeks held out", complete_journey(), 28)


def _of_tastes() -> Shop:
    shape = ShopOfTastes()
    tastes = tastes_of(shape)
    return Shop.of("generated shop, two weeks held out", events_of(shape, tastes), 14, tastes)


_SHOPS: Final[dict[str, Callable[[], Shop]]] = {"journey": _journey, "tastes": _of_tastes}


def main() -> Exit:
    """Measure, print a table a shop, and say whether auto chooses as it should."""
    arguments = _parser().parse_args()
    machine = this_machine()
    print(f"{machine.cores} cores of {machine.cpu}, load {machine.load:.1f}; best seconds of {arguments.repeats}\n")
    are_good = [_judged(_SHOPS[name](), arguments.repeats) for name in arguments.shops]
    return Exit.DONE if all(are_good) else Exit.FAILED


def _judged(shop: Shop, repeats: int) -> bool:
    print(f"### {shop.name}\n\n{len(shop.truth.users):,} users are asked.\n")
    print(f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}")
    _print_sides_without_training(shop)
    gains = [_print_recipe(shop, name, signal, repeats) for signal in _SIGNALS for name in RECIPE_NAMES]
    best = max(gains, key=lambda one: float(one.mean()))
    return _judge_auto(shop, best)


def _print_sides_without_training(shop: Shop) -> None:
    user_items = shop.user_items("sum")
    nothing = Neighbours(np.zeros(user_items.shape[1] + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))
    model = shop.model(user_items, nothing)
    _print_row(shop, "popularity", "sum", popularity_lists(model, shop.truth.users, _K).items, "| |")
    if shop.tastes is not None:
        _print_row(shop, "the truth itself", "", _true_lists(shop, shop.tastes, model), "| |")


def _true_lists(shop: Shop, tastes: Tastes, model: Model) -> Lists:
    """Give what is truly best for each user among what they do not have."""
    lists = np.empty((len(shop.truth.users), _K), np.int32)
    for place, user in enumerate(shop.truth.users.tolist()):
        affinities = tastes.affinities(user)
        affinities[model.histories.of(user)[0]] = -np.inf
        lists[place] = np.argsort(-affinities)[:_K]
    return lists


def _print_recipe(shop: Shop, name: str, signal: str, repeats: int) -> Values:
    user_items = shop.user_items(signal)
    with tempfile.TemporaryDirectory(prefix="recommender-quality-") as folder:
        path, out = Path(folder) / "user_items.npz", Path(folder) / "neighbours.npz"
        sp.save_npz(path, user_items, compressed=False)
        arguments = ["-W", "ignore", "-m", "benchmarks.quality_sides", name, str(path), str(out)]
        runs = [json.loads(measure_python(arguments, Path(folder), os.environ).output) for _ in range(repeats)]
        with np.load(out) as found:
            neighbours = Neighbours(found["indptr"], found["indices"], found["scores"])
    fastest = min(runs, key=lambda one: float(one["seconds"]))
    cost = f"{fastest['seconds']:.2f} | {fastest['extra_bytes'] / 1e6:,.0f} |"
    model = shop.model(user_items, neighbours)
    return _print_row(shop, name, signal, candidate_lists(model, shop.truth.users, Asking(_K, 2)).items, cost)


def _print_row(shop: Shop, name: str, signal: str, lists: Lists, cost: str) -> Values:
    hits, sizes = shop.truth.hits(lists), shop.truth.sizes
    gains = ndcg(hits, sizes)
    found = intervals(np.column_stack([gains, recall(hits, sizes), hit_rate(hits)]))
    told = (
        f"{found[0].mean:.4f} | {found[0].low:.4f} to {found[0].high:.4f} | {found[1].mean:.4f} | {found[2].mean:.4f}"
    )
    print(f"| {name} | {signal} | {told} | {cost}", flush=True)
    return gains


def _judge_auto(shop: Shop, best: Values) -> bool:
    """Let auto choose by what was known at the cut, and see how that does behind it."""
    trainer = ModelTrainer(_settings())
    started = time.perf_counter()
    chosen = choose(trainer, shop.known())
    choosing = time.perf_counter() - started
    started = time.perf_counter()
    user_items = user_items_of(chosen.events, chosen.trainer.settings, threads=2)
    kinds = by_kind(chosen.events, chosen.trainer.settings)
    model = shop.model(user_items, neighbours_of(chosen.trainer, user_items, kinds))
    making = time.perf_counter() - started
    settings = chosen.trainer.settings
    lists = candidate_lists(model, shop.truth.users, Asking(_K, 2)).items
    gains = _print_row(shop, f"auto: {settings.recipe}", settings.repeats, lists, f"{choosing:.1f} + {making:.1f} | |")
    difference = intervals((gains - best)[:, None] / best.mean())[0]
    print(
        f"\nauto is {difference.mean:+.1%} of the best away from it ({difference.low:+.1%} to {difference.high:+.1%}); "
        f"choosing took {choosing / making:.1f} times what making did.\n"
    )
    return difference.high >= -_TOLERANCE


def _settings() -> TrainerSettings:
    return TrainerSettings.load(database_url="sqlite:///unused.db", evaluation_k=_K)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each recipe, of which the fastest counts")
    parser.add_argument("--shops", nargs="+", default=list(_SHOPS), choices=list(_SHOPS), help="which (default: all)")
    return parser


if __name__ == "__main__":
    run(main)
