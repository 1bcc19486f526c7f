"""`python -m benchmarks.kinds`: are kinds of events better kept apart? On shops where they mean the same, and not.

Each recipe is tried with each KINDS. The newest events are held out as RECIPE=auto does. Each side takes the weight of
views, of 0.1, 0.3 and 1.0, that does best for one half of the users, and is scored on the other half: on all that they
newly took up, and on what they bought.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from benchmarks.shop_of_sessions import ShopOfSessions
from benchmarks.shop_of_sessions import events_of as sessions_of
from benchmarks.shop_of_tastes import ShopOfTastes, events_of, tastes_of
from model.model import Model
from runtime.errors import Exit
from runtime.process import run
from trainer.choosing.question import Question, find_question
from trainer.evaluation.bootstrap import intervals
from trainer.evaluation.gain import ndcg
from trainer.evaluation.hits import Values
from trainer.evaluation.holdout import hold_out
from trainer.evaluation.lists import candidate_lists, popularity_lists
from trainer.evaluation.rival import model_until
from trainer.evaluation.truth import Truth
from trainer.events import Events
from trainer.listing import Asking
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings

K: Final = 10
_WEIGHTS: Final = (0.1, 0.3, 1.0)
_RECIPES: Final = ("cosine", "normalised", "local_ridge")
_VIEW: Final = 1
_SEED: Final = 20250105
_COLUMNS: Final = (
    "shop",
    "asked",
    "recipe",
    "popularity",
    "together",
    "apart (less together)",
    "paths (less together)",
)
_SIDES: Final = ("together", "apart", "paths")


def _of_tastes() -> Events:
    shape = ShopOfTastes(users=10_000, products=3_000)
    return events_of(shape, tastes_of(shape)).without_unused_ids()


SHOPS: Final[dict[str, Callable[[], Events]]] = {
    "views mean what purchases mean": _of_tastes,
    "durables": lambda: sessions_of(ShopOfSessions()),
    "durables, front page": lambda: sessions_of(ShopOfSessions(noise=1.2)),
    "bought again": lambda: sessions_of(ShopOfSessions(is_durable=False)),
    "bought again, front page": lambda: sessions_of(ShopOfSessions(is_durable=False, noise=1.2)),
}


def main() -> Exit:
    """Print a row for each shop, what is asked, and recipe."""
    print(f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}")
    for name, make in SHOPS.items():
        events = make()
        question = find_question(events, settings_of())
        if question is None:
            raise RuntimeError(f"too few users did something new in the shop {name}")
        _compare(name, question)
    return Exit.DONE


def _compare(name: str, question: Question) -> None:
    truths = {"all": question.truth, "bought": bought(question)}
    for recipe in _RECIPES:
        models = {kinds: [_model(question, kinds, recipe, weight) for weight in _WEIGHTS] for kinds in _SIDES}
        for asked, truth in truths.items():
            gains = {side: _tuned([gains_of(model, truth) for model in models[side]]) for side in _SIDES}
            _print_row((name, asked, recipe), gains, _popularity(models["together"][0], truth))


def bought(question: Question) -> Truth:
    """Give what was newly bought behind the cut."""
    events = question.events
    is_left = (events.occurred_at <= question.cut.seconds) | (events.kind != _VIEW)
    settings = settings_of().model_copy(update={"holdout_users": len(events.users)})
    return Truth.of(hold_out(events.where(is_left), question.cut, settings), len(events.products))


def _model(question: Question, kinds: str, recipe: str, weight: float) -> Model:
    settings = settings_of(recipe=recipe, kinds=kinds, view_weight=weight)
    factors = np.array([1, weight / settings_of().view_weight], np.float32)
    return model_until(ModelTrainer(settings), question.events.weighed_by_kind(factors), question.cut)


def gains_of(model: Model, truth: Truth) -> Values:
    """Give each user's ndcg@K."""
    return ndcg(truth.hits(candidate_lists(model, truth.users, Asking(K, 2)).items), truth.sizes)


def _popularity(model: Model, truth: Truth) -> float:
    lists = popularity_lists(model, truth.users, K)
    return float(ndcg(truth.hits(lists.items), truth.sizes).mean())


def _tuned(by_weight: list[Values]) -> Values:
    """Give what one half of the users gains by the weight that is best for the other half."""
    is_asked = np.random.default_rng(_SEED).random(len(by_weight[0])) < 1 / 2
    best = max(by_weight, key=lambda gains: float(gains[~is_asked].mean()))
    return best[is_asked]


def _print_row(names: tuple[str, ...], gains: dict[str, Values], popularity: float) -> None:
    told = [f"{popularity:.4f}", f"{gains['together'].mean():.4f}"]
    for side in ("apart", "paths"):
        less = intervals((gains[side] - gains["together"])[:, None])[0]
        told.append(f"{gains[side].mean():.4f} ({less.low:+.4f} to {less.high:+.4f})")
    print(f"| {' | '.join((*names, *told))} |", flush=True)


def settings_of(**settings: object) -> TrainerSettings:
    """Give settings of lists of K products."""
    return TrainerSettings.load(database_url="sqlite:///unused.db", evaluation_k=K, **settings)


if __name__ == "__main__":
    run(main)
