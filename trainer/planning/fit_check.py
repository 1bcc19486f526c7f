"""Whether a run would fit in the memory it may have, asked before it begins."""

import logging
from typing import Final

from registry.history import read_history
from registry.objects import ObjectStore
from runtime.errors import BadSettingsError
from trainer.database import connect
from trainer.planning.counting import count_events
from trainer.planning.estimate import least_limit_bytes, peak_bytes
from trainer.planning.limits import MemoryLimit, memory_limit
from trainer.planning.page import megabytes
from trainer.planning.plan import Fit, fit_of, limit_to_set
from trainer.planning.size import ShopSize, size_of_run
from trainer.settings import TrainerSettings

_OFF: Final = "off"
_REJECT: Final = "reject"

log = logging.getLogger(__name__)


def check_fit(settings: TrainerSettings, store: ObjectStore) -> None:
    """Count the events, and say what a run needs of the memory it may have; nothing is asked where no limit is known.

    Raises BadSettingsError where it does not fit and MEMORY_CHECK is `reject`, and what extraction raises where the
    database or a query is wrong.
    """
    limit = memory_limit(settings.memory_limit)
    if limit is None or settings.memory_check == _OFF:
        return
    size = _expected_size(settings, store)
    needed = peak_bytes(size, settings.threads)
    fit = fit_of(needed, limit)
    sentence = _sentence(size, least_limit_bytes(needed) if fit is Fit.TOO_LARGE else needed, limit)
    if fit is Fit.TOO_LARGE and settings.memory_check == _REJECT:
        raise BadSettingsError(f"this run does not fit: {sentence}", hint=_remedy(needed))
    extra = {"needed_bytes": round(needed), "limit_bytes": limit.n_bytes}
    if fit is Fit.FITS:
        log.info("Memory: %s", sentence, extra=extra)
    else:
        log.warning("This run %s: %s. %s", fit, sentence, _remedy(needed), extra=extra)


def _expected_size(settings: TrainerSettings, store: ObjectStore) -> ShopSize:
    """Give the shop of the latest run grown to today's events, or, before the first run, the events alone."""
    engine = connect(settings.sqlalchemy_url())
    events = count_events(engine, settings.event_queries())
    engine.dispose()
    sizes = (size_of_run(run) for run in reversed(read_history(store)))
    latest = next((size for size in sizes if size is not None), None)
    return latest.grown_to(events) if latest else ShopSize(events)


def _sentence(size: ShopSize, needed: float, limit: MemoryLimit) -> str:
    about = "about" if size.interactions else "at least"
    return (
        f"{size.n_events:,} events need {about} {megabytes(needed)}, and {limit.source} allows "
        f"{megabytes(limit.n_bytes)}"
    )


def _remedy(needed: float) -> str:
    return (
        f"Set trainer.resources.limits.memory to {limit_to_set(needed)} in values.yaml (`python -m trainer plan` says "
        "more), or MEMORY_CHECK=warn where you know better"
    )
