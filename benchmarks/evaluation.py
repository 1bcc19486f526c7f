"""`python -m benchmarks.evaluation`: what an evaluation costs, next to the build that it judges.

On the Complete Journey (2,469 users of 270 products each), and on a generated shop (100,000 users of 10). The champion
was made by another setting, so that three sides are asked: as it is served, and rebuilt on the events before the cut.
An evaluation has to make models of the events before the cut, which cost what a build costs (matrix and neighbours);
they are told apart from the evaluation proper, which fails the command where it costs more than the build.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from benchmarks.event_sources import complete_journey, generated_shop
from benchmarks.generated_shops import GeneratedShop
from benchmarks.machine import this_machine
from model.model import Model
from registry.manifest import Manifest
from runtime.errors import Exit
from runtime.process import run
from trainer.building import kinds_of, matrix_of, model_of
from trainer.champion import Champion
from trainer.evaluation.trial import Question, find_question, judge, make_sides
from trainer.events import Events
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings

_SHOPS: Final[dict[str, Callable[[], Events]]] = {
    "Complete Journey": complete_journey,
    "generated shop": lambda: generated_shop(GeneratedShop(100_000, 20_000, 1_000_000, 0)),
}
_WINDOW_DAYS: Final = 7


@dataclass(frozen=True)
class Round:
    """Seconds of a build, of an evaluation proper, and of the models before the cut; and how many users were asked."""

    build: float
    proper: float
    models: float
    n_users: int


def main() -> Exit:
    """Measure, print the table, and say whether evaluating is cheap."""
    arguments = _parser().parse_args()
    print(this_machine())
    print("\n| shop | champion | users asked | build | evaluation | share | models before the cut |\n|" + "---|" * 7)
    is_cheap = [_measured(name, source(), arguments.repeats) for name, source in _SHOPS.items()]
    return Exit.DONE if all(is_cheap) else Exit.FAILED


def _measured(name: str, events: Events, repeats: int) -> bool:
    """Evaluate against a champion of a week ago, and against the recipe of one of today."""
    trainer = ModelTrainer(TrainerSettings.load(database_url="sqlite:///unused.db", recipe="cosine"))
    until = datetime.fromtimestamp(int(events.occurred_at.max()), UTC)
    served = _champion(events, until - timedelta(days=_WINDOW_DAYS))
    rebuilt = Champion(served.manifest.model_copy(update={"data_until": until}), served.model)
    is_cheap = True
    for how, champion in (("as it is served", served), ("rebuilt", rebuilt)):
        rounds = [_round(trainer, events, champion) for _ in range(repeats)]
        build, proper, models = (min(getattr(one, part) for one in rounds) for part in ("build", "proper", "models"))
        told = f"{build:.2f} s | {proper:.2f} s | {proper / build:.0%} | {models:.2f} s"
        print(f"| {name} | {how} | {rounds[0].n_users:,} | {told} |", flush=True)
        is_cheap = is_cheap and proper < build
    return is_cheap


def _round(trainer: ModelTrainer, events: Events, champion: Champion) -> Round:
    settings = trainer.settings
    times = [time.perf_counter()]
    _built(trainer, events)
    times.append(time.perf_counter())
    question = find_question(events, champion, settings)
    assert isinstance(question, Question)
    times.append(time.perf_counter())
    sides = make_sides(trainer, events, champion, question.holdout.cut)
    assert sides.rival.model is not None
    times.append(time.perf_counter())
    trial = judge(question, sides, events, settings)
    times.append(time.perf_counter())
    build, asking, models, judging = (end - start for start, end in pairwise(times))
    return Round(build, asking + judging, models, trial.evaluation.n_users)


def _built(trainer: ModelTrainer, events: Events) -> Model:
    matrix, kinds = matrix_of(events, trainer.settings), kinds_of(events, trainer.settings)
    return model_of(trainer, events.products, events.users, matrix, kinds=kinds)


def _champion(events: Events, until: datetime) -> Champion:
    """Make the model of the events up to a time, by another setting than the candidate's."""
    settings = TrainerSettings.load(database_url="sqlite:///unused.db", recipe="cosine", min_co_occurrence=6)
    known = events.where(events.occurred_at <= until.timestamp()).without_unused_ids()
    manifest = Manifest(
        version="20250104T020000Z-00000001",
        created_at=until,
        data_until=until,
        recipe=settings.recipe,
        settings=settings.model_settings(),
        events=known.counts,
        event_weights=settings.event_weights(),
        metrics={},
        libraries={},
        files={},
    )
    return Champion(manifest, _built(ModelTrainer(settings), known))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="how often each is measured, of which the best counts")
    return parser


if __name__ == "__main__":
    run(main)
