"""Whether a run fits in the memory it may have, asked before it begins: in memory, or with its arrays on disk."""

import logging
import shutil
from typing import Final

from registry.history import read_history
from registry.objects import ObjectStore
from runtime.errors import BadSettingsError, TryAgainError
from trainer.arrays.scratch import IN_MEMORY, OnDisk, Scratch
from trainer.planning.counting import count_events
from trainer.planning.estimate import least_limit_bytes, peak_bytes
from trainer.planning.fit import Fit, fit_of, least_peak_bytes, limit_to_set
from trainer.planning.limits import MemoryLimit, memory_limit
from trainer.planning.page import OF_LEADING_PROCESS, megabytes
from trainer.planning.size import ShopSize, size_of_run
from trainer.planning.spilling import disk_bytes, spilled_peak_bytes, work_bytes
from trainer.reading.database import connect
from trainer.settings import TrainerSettings

_OFF: Final = "off"
_REJECT: Final = "reject"

log = logging.getLogger(__name__)


def fitting_scratch(settings: TrainerSettings, store: ObjectStore) -> Scratch:
    """Count the events, and choose where a run's arrays are to be; in memory where no limit is known.

    Raises BadSettingsError where the run does not fit on disk either and MEMORY_CHECK is `reject`, TryAgainError where
    the disk has no room, and what extraction raises where the database or a query is wrong.
    """
    limit = memory_limit(settings.memory_limit)
    if limit is None or settings.memory_check == _OFF:
        return IN_MEMORY
    size = _expected_size(settings, store)
    fit = fit_of(size, settings.threads, limit)
    if fit is Fit.FITS:
        needed = peak_bytes(size, settings.threads)
        extra = {"needed_bytes": round(needed), "limit_bytes": limit.n_bytes}
        log.info("Memory: %s", _sentence(size, needed, limit, settings), extra=extra)
        return IN_MEMORY
    if fit is Fit.SPILLS:
        return _on_disk(size, settings, limit)
    _refuse_or_warn(size, settings, limit, fit)
    is_less = spilled_peak_bytes(size) < peak_bytes(size, settings.threads)
    return _on_disk(size, settings, limit) if is_less else IN_MEMORY


def _refuse_or_warn(size: ShopSize, settings: TrainerSettings, limit: MemoryLimit, fit: Fit) -> None:
    """Say that a run may need more than there is, wherever its arrays are."""
    needed = least_peak_bytes(size, settings.threads)
    sentence = _sentence(size, least_limit_bytes(needed) if fit is Fit.TOO_LARGE else needed, limit, settings)
    if fit is Fit.TOO_LARGE and settings.memory_check == _REJECT:
        raise BadSettingsError(f"this run does not fit: {sentence}", hint=_remedy(needed))
    extra = {"needed_bytes": round(needed), "limit_bytes": limit.n_bytes}
    log.warning("This run %s: %s. %s", fit, sentence, _remedy(needed), extra=extra)


def _on_disk(size: ShopSize, settings: TrainerSettings, limit: MemoryLimit) -> Scratch:
    """Have the arrays on disk. Raises TryAgainError where that has no room for them."""
    folder, spilled = settings.spill_folder, disk_bytes(size)
    scratch, free = OnDisk(folder, work_bytes(limit)), shutil.disk_usage(folder).free
    in_memory = peak_bytes(size.at_worst(), settings.threads)
    to_keep_them = f"set trainer.resources.limits.memory to {limit_to_set(in_memory)} in values.yaml"
    if spilled > free:
        raise TryAgainError(
            f"this run would write about {megabytes(spilled)} to {folder}, where {megabytes(free)} are free",
            hint=f"Set SPILL_FOLDER to a folder on a larger disk, or {to_keep_them}",
        )
    log.info(
        "Memory: %s: arrays of about %s go to %s. To keep them in memory, %s",
        *(_sentence(size, in_memory, limit, settings), megabytes(spilled), folder, to_keep_them),
        extra={"needed_bytes": round(in_memory), "limit_bytes": limit.n_bytes, "spilled_bytes": round(spilled)},
    )
    return scratch


def _expected_size(settings: TrainerSettings, store: ObjectStore) -> ShopSize:
    """Give the shop of the latest run grown to today's events, or, before the first run, the events alone."""
    engine = connect(settings.sqlalchemy_url())
    events = count_events(engine, settings.event_queries())
    engine.dispose()
    sizes = (size_of_run(run) for run in reversed(read_history(store)))
    latest = next((size for size in sizes if size is not None), None)
    return latest.grown_to(events) if latest else ShopSize(events)


def _sentence(size: ShopSize, needed: float, limit: MemoryLimit, settings: TrainerSettings) -> str:
    about = "about" if size.interactions else "at least"
    whose = "" if settings.dask is None else f" {OF_LEADING_PROCESS}"
    return (
        f"{size.n_events:,} events need {about} {megabytes(needed)}{whose}, and {limit.source} allows "
        f"{megabytes(limit.n_bytes)}"
    )


def _remedy(needed: float) -> str:
    return (
        f"Set trainer.resources.limits.memory to {limit_to_set(needed)} in values.yaml (`python -m trainer plan` says "
        "more), or MEMORY_CHECK=warn where you know better"
    )
