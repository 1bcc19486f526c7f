"""What the history says of how a recipe, or a model, did on a holdout: an entry may be of any program, or anybody's."""

from dataclasses import dataclass

from registry.foreign import number
from registry.history import Run


@dataclass(frozen=True)
class Rate:
    """A mean over users, and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        """Tell it in percent."""
        return f"{self.mean:.1%} ({self.low:.1%} to {self.high:.1%})"


def rate_of(run: Run, side: str, metric: str) -> Rate | None:
    """Give a side's metric, None where the run does not tell it."""
    told = _told(run, side, metric)
    if not isinstance(told, dict):
        return None
    found = [number(told.get(name)) for name in ("mean", "low", "high")]
    known = [value for value in found if value is not None]
    return Rate(*known) if len(known) == len(found) else None


def concentration_of(run: Run) -> float | None:
    """Give the Gini index of the candidate's recommendations, None where the run does not tell it."""
    return number(_told(run, "candidate", "concentration"))


def tried_the_model_in_service(run: Run) -> bool:
    """Whether the run tried the model that was in service as it was served, on events newer than it."""
    return (run.holdout or {}).get("cut_by") == "champion"


def _told(run: Run, side: str, name: str) -> object:
    sides = (run.holdout or {}).get(side)
    return sides.get(name) if isinstance(sides, dict) else None
