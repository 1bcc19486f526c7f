"""`python -m benchmarks.kinds`: are kinds of events better kept apart? On shops where they mean the same, and not.

Together is what the trainer does: one matrix of all events by weight. Apart makes similarities of each kind by itself
and adds them up by its weight. Paths lead from purchases and from views of one product to purchases of another. The
newest events are held out as RECIPE=auto does. Each side takes the weight of views, of 0.1, 0.3 and 1.0, that does best
for one half of the users, and is scored on the other half: on all that they newly took up, and on what they bought.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import scipy.sparse as sp

from benchmarks.shop_of_sessions import ShopOfSessions
from benchmarks.shop_of_sessions import events_of as sessions_of
from benchmarks.shop_of_tastes import ShopOfTastes, events_of, tastes_of
from model.model import Model
from model.neighbours import Neighbours
from runtime.errors import Exit
from runtime.process import run
from trainer.building import assembled
from trainer.choosing.question import Question, find_question
from trainer.evaluation.bootstrap import intervals
from trainer.evaluation.gain import ndcg
from trainer.evaluation.hits import Values
from trainer.evaluation.holdout import hold_out
from trainer.evaluation.lists import candidate_lists, popularity_lists
from trainer.evaluation.truth import Truth
from trainer.events import Events
from trainer.listing import Asking
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings
from trainer.signal import user_items_of

_K: Final = 10
_WEIGHTS: Final = (0.1, 0.3, 1.0)
_RECIPES: Final = ("cosine", "normalised", "local_ridge")
_PURCHASE, _VIEW = 0, 1
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


def _of_tastes() -> Events:
    shape = ShopOfTastes(users=10_000, products=3_000)
    return events_of(shape, tastes_of(shape)).without_unused_ids()


_SHOPS: Final[dict[str, Callable[[], Events]]] = {
    "views mean what purchases mean": _of_tastes,
    "durables": lambda: sessions_of(ShopOfSessions()),
    "durables, front page": lambda: sessions_of(ShopOfSessions(noise=1.2)),
    "bought again": lambda: sessions_of(ShopOfSessions(is_durable=False)),
    "bought again, front page": lambda: sessions_of(ShopOfSessions(is_durable=False, noise=1.2)),
}


def main() -> Exit:
    """Print a row for each shop, what is asked, and recipe."""
    print(f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}")
    for name, make in _SHOPS.items():
        events = make()
        question = find_question(events, _settings())
        if question is None:
            raise RuntimeError(f"too few users did something new in the shop {name}")
        _compare(name, question)
    return Exit.DONE


def _compare(name: str, question: Question) -> None:
    truths = {"all": question.truth, "bought": _bought(question)}
    for recipe in _RECIPES:
        models = {side: [make(question, recipe, weight) for weight in _WEIGHTS] for side, make in _SIDES.items()}
        for asked, truth in truths.items():
            gains = {side: _tuned([_gains(model, truth) for model in models[side]]) for side in _SIDES}
            _print_row((name, asked, recipe), gains, _popularity(models["together"][0], truth))


def _bought(question: Question) -> Truth:
    """Give what was newly bought behind the cut."""
    events = question.events
    is_left = (events.occurred_at <= question.cut.seconds) | (events.kind != _VIEW)
    settings = _settings().model_copy(update={"holdout_users": len(events.users)})
    return Truth.of(hold_out(events.where(is_left), question.cut, settings), len(events.products))


def _together(question: Question, recipe: str, weight: float) -> Model:
    trainer, user_items = _weighed(question, recipe, weight)
    return _model(question, user_items, trainer.neighbours(user_items))


def _apart(question: Question, recipe: str, weight: float) -> Model:
    trainer, user_items = _weighed(question, recipe, weight)
    bought, viewed = (_matrix(trainer.neighbours(one)) for one in _by_kind(question, trainer))
    total = bought + weight * viewed
    return _model(question, user_items, Neighbours.from_matrix(total, trainer.settings.neighbours))


def _paths(question: Question, recipe: str, weight: float) -> Model:
    """Find neighbours in one matrix of (kind, product), twice as many, and take those that are purchases."""
    trainer, user_items = _weighed(question, recipe, weight)
    finder = ModelTrainer(trainer.settings.model_copy(update={"neighbours": 2 * trainer.settings.neighbours}))
    found, n = _matrix(finder.neighbours(sp.hstack(_by_kind(question, trainer)).tocsr())), user_items.shape[1]
    total = found[:n, :n] + found[n:, :n]
    return _model(question, user_items, Neighbours.from_matrix(total, trainer.settings.neighbours))


_SIDES: Final = {"together": _together, "apart": _apart, "paths": _paths}


def _weighed(question: Question, recipe: str, weight: float) -> tuple[ModelTrainer, sp.csr_matrix]:
    settings = _settings(recipe=recipe)
    events = question.events.weighed_by_kind(np.array([1, weight / settings.view_weight], np.float32))
    return ModelTrainer(settings), user_items_of(events, settings, until=question.cut.seconds)


def _by_kind(question: Question, trainer: ModelTrainer) -> list[sp.csr_matrix]:
    """Give user_items of purchases and of views, each event weighing 1."""
    kinds = [question.events.where(question.events.kind == kind) for kind in (_PURCHASE, _VIEW)]
    ones = [events.with_weight(np.ones(len(events), np.float32)) for events in kinds]
    return [user_items_of(events, trainer.settings, until=question.cut.seconds) for events in ones]


def _matrix(neighbours: Neighbours) -> sp.csr_matrix:
    n, scores = neighbours.n_items, neighbours.scores.astype(np.float64)
    return sp.csr_matrix((scores, neighbours.indices, neighbours.indptr), shape=(n, n))


def _model(question: Question, user_items: sp.csr_matrix, neighbours: Neighbours) -> Model:
    return assembled(question.events.products, question.events.users, user_items, neighbours)


def _gains(model: Model, truth: Truth) -> Values:
    return ndcg(truth.hits(candidate_lists(model, truth.users, Asking(_K, 2)).items), truth.sizes)


def _popularity(model: Model, truth: Truth) -> float:
    lists = popularity_lists(model, truth.users, _K)
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


def _settings(**settings: object) -> TrainerSettings:
    return TrainerSettings.load(database_url="sqlite:///unused.db", evaluation_k=_K, **settings)


if __name__ == "__main__":
    run(main)
