"""`python -m benchmarks.coming_back`: lists that may hold what users had, next to buy again and to popularity.

On the Complete Journey, all that its households took up in the last four weeks. Settings are those of a shop that sets
EXCLUDE_SEEN=false and nothing else, or a recipe as well. Fails where what auto makes is surely below either rival.
"""

import time
from collections.abc import Sequence
from typing import Final

from benchmarks.event_sources import complete_journey
from benchmarks.machine import this_machine
from runtime.errors import Exit
from runtime.process import run
from trainer.choosing.choose import choose
from trainer.evaluation.cut import Cut, CutBy
from trainer.evaluation.evaluation import Evaluation
from trainer.evaluation.holdout import hold_out
from trainer.evaluation.trial import Question, judge, make_sides
from trainer.evaluation.truth import Truth
from trainer.events import Events
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings
from trainer.similarity.recipe_names import AUTO

_DAY_SECONDS: Final = 86_400
_HELD_OUT_DAYS: Final = 28
_K: Final = 10
_RECIPES: Final = ("cosine", "local_ridge", AUTO)
_COLUMNS: Final = ("side", "ndcg@10", "95 % interval", "of what they had", "of what was new", "seconds")
_RIVALS: Final = ("popularity", "buy_again")


def main() -> Exit:
    """Measure, print a table, and say whether auto is as good as its rivals."""
    machine, events = this_machine(), complete_journey()
    cut = Cut(int(events.occurred_at.max()) - _HELD_OUT_DAYS * _DAY_SECONDS, CutBy.WINDOW)
    print(f"{machine.cores} cores of {machine.cpu}, load {machine.load:.1f}; one run of each\n")
    print(f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}")
    judged = [_judged(recipe, events, cut) for recipe in _RECIPES]
    auto = judged[-1]
    print(f"\n{auto.n_users:,} users; {auto.repeat_share:.0%} of what they took up they had had before.")
    return Exit.DONE if all(_is_matched(auto, rival) for rival in _RIVALS) else Exit.FAILED


def _judged(recipe: str, events: Events, cut: Cut) -> Evaluation:
    """Make the model that a run would have made at the cut, and see what its users took up then."""
    settings = TrainerSettings.load(
        database_url="sqlite:///unused.db",
        recipe=recipe,
        exclude_seen=False,
        evaluation_k=_K,
        holdout_users=len(events.users),
    )
    trainer, started = ModelTrainer(settings), time.perf_counter()
    if recipe == AUTO:
        trainer = choose(trainer, events.where(events.occurred_at <= cut.seconds)).trainer
    sides = make_sides(trainer, events, None, cut)
    seconds = time.perf_counter() - started
    holdout = hold_out(events, cut, settings)
    evaluation = judge(Question(holdout, Truth.of(holdout, len(events.products))), sides, events, settings).evaluation
    _print(evaluation, recipe, trainer.settings, seconds, with_rivals=recipe == _RECIPES[0])
    return evaluation


def _print(evaluation: Evaluation, recipe: str, made_by: TrainerSettings, seconds: float, *, with_rivals: bool) -> None:
    for rival in _RIVALS if with_rivals else ():
        _print_row(evaluation, rival, rival.replace("_", " "), "")
    half_life = made_by.buy_again_half_life_days
    fading = "" if half_life is None else f", half-life {half_life:g} days"
    chosen = f": {made_by.recipe}" if recipe == AUTO else ""
    _print_row(
        evaluation, "candidate", f"{recipe}{chosen}, strength {made_by.buy_again_strength:g}{fading}", f"{seconds:.1f}"
    )


def _print_row(evaluation: Evaluation, side: str, name: str, seconds: str) -> None:
    ndcg = getattr(evaluation, side).metrics.ndcg
    found = [f"{getattr(band, side):.2%}" for band in evaluation.bands.novelty]
    _print_cells((name, f"{ndcg.mean:.4f}", f"{ndcg.low:.4f} to {ndcg.high:.4f}", *found, seconds))


def _print_cells(cells: Sequence[str]) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def _is_matched(evaluation: Evaluation, rival: str) -> bool:
    return bool(getattr(evaluation, f"against_{rival}").ndcg.high >= 0)


if __name__ == "__main__":
    run(main)
