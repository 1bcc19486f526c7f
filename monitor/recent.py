"""The newest run that read the shop's events, next to what was usual before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.history import Run
from registry.usual import Usual, usual_of


@dataclass(frozen=True)
class Recent:
    """The newest run that got as far as a model, whatever became of it, and the promoted runs before it."""

    newest: Run
    usual: Usual


def recent(runs: Sequence[Run]) -> Recent | None:
    """Find them in the history, oldest first; None where there is nothing that the newest could be held against.

    One that was forced is where a new habit begins; a backfill is no news.
    """
    measured = [run for run in runs if run.n_users is not None and run.as_of is None]
    if not measured or measured[-1].forced:
        return None
    usual = usual_of(measured[:-1])
    return Recent(measured[-1], usual) if usual.runs else None
