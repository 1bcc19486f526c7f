"""What goes wrong with workers, in one line for a person."""

from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from distributed import KilledWorker
from distributed.client import FutureCancelledError
from distributed.comm.core import CommClosedError
from distributed.scheduler import NoValidWorkerError, NoWorkerError

from runtime.errors import RecommenderError, TryAgainError

_LOOK = "Look at the workers' logs"


@contextmanager
def explained() -> Iterator[None]:
    """Turn what Dask raises, and what a task raised on its worker, into the project's errors."""
    try:
        yield
    except RecommenderError:
        raise
    except KilledWorker as error:
        raise TryAgainError(
            f"{error.allowed_failures + 1} workers died of the same piece of work, {error.task}",
            hint="Were they out of memory? Give them more: trainer.distributed.resources.limits.memory in values.yaml",
        ) from None
    except (NoWorkerError, NoValidWorkerError):
        raise TryAgainError("no worker is left, and none came to take their place", hint=_LOOK) from None
    except (CancelledError, FutureCancelledError, CommClosedError, TimeoutError) as error:
        raise TryAgainError(f"the way to Dask's scheduler was lost: {_line(error)}", hint="Is it up?") from None
    except MemoryError:
        raise TryAgainError("a worker had no memory left", hint="Give workers more of it, or more workers") from None
    except OSError as error:
        raise TryAgainError(f"a worker could not do its part: {_line(error)}", hint=_LOOK) from None
    except Exception as error:
        raise RecommenderError(f"a worker failed: {_line(error)}", hint=_LOOK) from error


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
