"""Fitting the rates of a run with workers: those that are least wrong in proportion, over all steps of some runs."""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy.optimize import nnls

from benchmarks.distributed_runs import SideRun
from benchmarks.scaling_rates import TRANSFERS, Store, unit
from benchmarks.scaling_run import Amounts, Run, worker_amounts
from registry.files import FileStore

# Shorter than that, a step's error is not worth more than another's.
_LEAST_SECONDS: Final = 0.5
_DIGITS: Final = 3
_COPIED_BYTES: Final = 256 << 20


@dataclass(frozen=True)
class Equation:
    """Amounts of work, and the seconds that they took."""

    amounts: Amounts
    seconds: float


def fitted(equations: Sequence[Equation]) -> dict[str, float]:
    """Give the non-negative rates that come nearest, each error weighed by its value."""
    names = list(dict.fromkeys(name for one in equations for name in one.amounts))
    seconds = np.array([max(0.0, one.seconds) for one in equations])
    weights = 1 / np.maximum(seconds, _LEAST_SECONDS)
    matrix = np.array([[one.amounts.get(name, 0.0) / unit(name) for name in names] for one in equations])
    rates, _ = nnls(matrix * weights[:, None], seconds * weights)
    return {name: float(f"{rate:.{_DIGITS}g}") for name, rate in zip(names, rates, strict=True)}


def equations_of(expected: Run, measured: SideRun, store: Store) -> list[Equation]:
    """Give an equation for each step, of which extraction makes two, and one for what workers did in passes."""
    seconds = step_seconds(measured)
    began, ended = measured.tasks.spans["read"]
    steps = [
        Equation(_without_transfers(amounts), seconds[step] - store.seconds(amounts))
        for step, amounts in expected.amounts.items()
        if step != "extract"
    ]
    amounts = expected.amounts["extract"]
    taking = store.seconds({"here": amounts["here"]})
    staging = store.seconds(amounts) - taking
    extracted = [
        Equation({"read": amounts["read"]}, ended - began - staging),
        Equation({"code": amounts["code"]}, seconds["extract"] - (ended - began) - taking),
    ]
    return [*steps, *extracted, *_of_workers(expected, measured)]


def _of_workers(expected: Run, measured: SideRun) -> list[Equation]:
    """Give what workers did in passes, where any was handed out."""
    if not expected.handed_out:
        return []
    done = Counter[str]({"first_meetings": expected.cluster.workers})
    for one in expected.handed_out:
        done.update(worker_amounts(one))
    return [Equation(dict(done), measured.tasks.seconds["meet"] + measured.tasks.seconds["merge"])]


def step_seconds(measured: SideRun) -> dict[str, float]:
    """Give the seconds of the steps that a model names; what is outside of them is `start`."""
    named = ("extract", "evaluate", "companions", "matrix", "build", "publish")
    known = {step: measured.seconds_by_step[step] for step in named}
    return {"start": measured.seconds - sum(known.values()), **known}


def store_here(folder: Path) -> Store:
    """Measure how quickly a file goes into a store in a folder; what is fetched from there is not copied."""
    store = FileStore(folder / "measured")
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(os.urandom(_COPIED_BYTES))
        file.flush()
        started = time.perf_counter()
        store.put("copied", Path(file.name))
        seconds = time.perf_counter() - started
    store.delete("copied")
    return Store(_COPIED_BYTES / seconds, _COPIED_BYTES / seconds)


def literal(rates: Mapping[str, float], measured_on: Sequence[str]) -> str:
    """Give the lines of benchmarks/scaling_rates.py; what they were measured on comes in pieces."""
    rows = [f'    "{name}": {rate:g},' for name, rate in rates.items()]
    told = ["MEASURED_ON: Final = (", *(f'    "{line}"' for line in measured_on), ")"]
    return "\n".join([*told, "RATES: Final[Mapping[str, float]] = {", *rows, "}"])


def _without_transfers(amounts: Amounts) -> Amounts:
    return {name: amount for name, amount in amounts.items() if name not in TRANSFERS}
