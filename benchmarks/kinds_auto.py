"""`python -m benchmarks.kinds_auto`: what RECIPE=auto makes of kinds of events, with each HOLDOUT_KINDS.

On the shops of benchmarks.kinds, and as `auto` itself holds out: what it takes, its ndcg@10 next to that of what it
takes with KINDS=together set, and what both find of what users newly bought.
"""

import time
from typing import Final

import numpy as np

from benchmarks.kinds import SHOPS, K, bought, gains_of, settings_of
from model.model import Model
from runtime.errors import Exit
from runtime.process import run
from trainer.choosing.choose import Chosen, choose
from trainer.choosing.question import Question, find_question
from trainer.evaluation.bootstrap import intervals
from trainer.evaluation.hits import Values
from trainer.evaluation.rival import model_until
from trainer.events import Events
from trainer.model_trainer import ModelTrainer

_COLUMNS: Final = ("shop", "HOLDOUT_KINDS", "taken", "together (taken)", "asked", "bought", "seconds")


def main() -> Exit:
    """Print a row for each shop and each HOLDOUT_KINDS."""
    print(f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}")
    for name, make in SHOPS.items():
        events = make()
        for kinds in ((), ("purchase",)):
            print(f"| {' | '.join((name, ', '.join(kinds) or 'all', *_compared(events, kinds)))} |", flush=True)
    return Exit.DONE


def _compared(events: Events, kinds: tuple[str, ...]) -> tuple[str, ...]:
    started = time.perf_counter()
    auto = choose(ModelTrainer(settings_of(holdout_kinds=kinds)), events)
    seconds = time.perf_counter() - started
    plain = choose(ModelTrainer(settings_of(holdout_kinds=kinds, kinds="together")), events)
    question = find_question(events, settings_of(holdout_kinds=kinds))
    if question is None:
        raise RuntimeError("too few users did something new in the shop")
    models = [_model(chosen, question) for chosen in (auto, plain)]
    asked = _told(*(gains_of(model, question.truth) for model in models))
    of_bought = _told(*(gains_of(model, bought(question)) for model in models))
    return _taken(auto), _taken(plain), asked, of_bought, f"{seconds:.0f}"


def _model(chosen: Chosen, question: Question) -> Model:
    return model_until(chosen.trainer, chosen.events, question.cut)


def _taken(chosen: Chosen) -> str:
    settings = chosen.trainer.settings
    return f"{settings.recipe}, {settings.kinds}, {settings.repeats}, view {settings.event_weights()['view']:g}"


def _told(auto: Values, plain: Values) -> str:
    less = intervals((auto - plain)[:, None])[0]
    return f"{np.mean(auto):.4f}, together {np.mean(plain):.4f} ({less.low:+.4f} to {less.high:+.4f}) @{K}"


if __name__ == "__main__":
    run(main)
