"""The logs of the last runs, beside metrics.json: `runs/<time of the run's entry>.log`, each of them text.

The newest few are kept, whatever became of their runs.
"""

from datetime import UTC, datetime
from typing import Final

from registry.objects import ObjectMissingError, ObjectStore

RUN_LOGS: Final = "runs/"
KEPT_LOGS: Final = 20
LARGEST_LOG_BYTES: Final = 64 << 10


def write_run_log(store: ObjectStore, run_at: datetime, text: str) -> None:
    """Keep the log of the run whose entry bears this time, and the newest others. Of a long one the end is kept.

    Raises StoreUnavailableError, StoreRefusedError.
    """
    store.put(_key(run_at), text.encode(errors="replace")[-LARGEST_LOG_BYTES:])
    for info in list(store.list(RUN_LOGS))[:-KEPT_LOGS]:  # their names sort by time
        store.delete(info.key)


def read_run_log(store: ObjectStore, run_at: datetime) -> list[str]:
    """Give the lines of a run's log; none where it is not kept, or not any more."""
    try:
        body = store.get(_key(run_at)).body
    except ObjectMissingError:
        return []
    return body[-LARGEST_LOG_BYTES:].decode(errors="replace").splitlines()


def _key(run_at: datetime) -> str:
    return f"{RUN_LOGS}{run_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}.log"
