"""How a run goes with the memory that it may have."""

from enum import StrEnum

from trainer.planning.estimate import PRECISION, least_limit_bytes, peak_bytes
from trainer.planning.limits import MemoryLimit
from trainer.planning.quantity import limit_for
from trainer.planning.size import ShopSize
from trainer.planning.spilling import spilled_peak_bytes


class Fit(StrEnum):
    """How a run goes with the memory it may have."""

    FITS = "fits"
    SPILLS = "fits with its arrays on disk"
    TIGHT = "may not fit"
    TOO_LARGE = "does not fit"
    UNKNOWN = "no limit is known"


def fit_of(size: ShopSize, threads: int, limit: MemoryLimit | None) -> Fit:
    """Judge a run by a limit: with the room that an estimate wants, or below what the run surely needs."""
    if limit is None:
        return Fit.UNKNOWN
    if PRECISION * peak_bytes(size.at_worst(), threads) <= limit.n_bytes:
        return Fit.FITS
    if PRECISION * spilled_peak_bytes(size) <= limit.n_bytes:
        return Fit.SPILLS
    return Fit.TOO_LARGE if least_limit_bytes(least_peak_bytes(size, threads)) > limit.n_bytes else Fit.TIGHT


def least_peak_bytes(size: ShopSize, threads: int) -> float:
    """Give the peak of a run whose arrays are in memory or on disk, whichever takes less memory."""
    return min(peak_bytes(size, threads), spilled_peak_bytes(size))


def limit_to_set(peak_bytes: float) -> str:
    """Give the limit that holds a run, also where it takes as much more as the estimate may be wrong."""
    return limit_for(PRECISION * peak_bytes)
