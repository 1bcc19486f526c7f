"""One side of the comparison of extractions, in a process of its own: `python -m benchmarks.extraction_sides SIDE`.

Every side asks the same SQL of the same tables, and is timed from the connection to the last row; its libraries are
imported before. The database is the one that DATABASE_URL names.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Final, TypeVar

import numpy as np
from sqlalchemy import Engine

from benchmarks.measuring import own_peak_bytes
from trainer.reading.database import check_columns, connect
from trainer.settings import TrainerSettings

# The sum of the users' ids, of the products' ids, and of the events' seconds since 1970.
Sums = tuple[int, int, int]
T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """What one side took, `peak_bytes` being the most that its process held until then, and what it read."""

    seconds: float
    peak_bytes: int
    events: int
    sums: Sums | None


def read_by_trainer(settings: TrainerSettings) -> Reading:
    """Extract as a run of the trainer does: ids coded as positions, int32 and float32 columns."""
    import connectorx  # noqa: F401, PLC0415 (each side imports its own libraries only)

    from model.ids import IntegerIds  # noqa: PLC0415
    from trainer.memory import return_memory_early  # noqa: PLC0415
    from trainer.reading.extract import extract  # noqa: PLC0415

    return_memory_early()
    events, taken = _timed(lambda: extract(settings))
    users, products = events.users, events.products
    if not (isinstance(users, IntegerIds) and isinstance(products, IntegerIds)):
        raise TypeError("this benchmark's ids are integers")
    user_ids, product_ids = users.values[events.user_idx], products.values[events.item_idx]
    sums = (int(user_ids.sum()), int(product_ids.sum()), int(events.occurred_at.sum(dtype=np.int64)))
    return Reading(*taken, len(events), sums)


def read_by_pandas(settings: TrainerSettings) -> Reading:
    """Read by pandas.read_sql over SQLAlchemy and PyMySQL: data frames."""
    import pandas as pd  # noqa: PLC0415

    engine = connect(settings.sqlalchemy_url())
    queries = _queries(settings)
    frames, taken = _timed(lambda: [pd.read_sql(sql, engine) for sql in queries])
    frame = pd.concat([frame for frame in frames if len(frame)])
    seconds = frame["occurred_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    sums = (int(frame["user_id"].sum()), int(frame["product_id"].sum()), int(seconds.sum()))
    return Reading(*taken, len(frame), sums)


def read_by_sqlalchemy(settings: TrainerSettings) -> Reading:
    """Look at every row once by SQLAlchemy Core's streamed results over PyMySQL, and keep none."""
    queries = _queries(settings)
    engine = connect(settings.sqlalchemy_url())
    count, taken = _timed(lambda: sum(_count_streamed(engine, sql) for sql in queries))
    return Reading(*taken, count, None)


def read_by_pymysql(settings: TrainerSettings) -> Reading:
    """Look at every row once by PyMySQL's unbuffered cursor, and keep none: the least that any use of it costs."""
    queries = _queries(settings)
    count, taken = _timed(lambda: sum(_count_rows(settings, sql) for sql in queries))
    return Reading(*taken, count, None)


SIDES: Final[dict[str, Callable[[TrainerSettings], Reading]]] = {
    "trainer": read_by_trainer,
    "pandas": read_by_pandas,
    "sqlalchemy": read_by_sqlalchemy,
    "pymysql": read_by_pymysql,
}


def _queries(settings: TrainerSettings) -> list[str]:
    """Give the SQL that extraction asks, word for word."""
    engine = connect(settings.sqlalchemy_url())
    queries = [query.selecting(check_columns(engine, query)) for query in settings.event_queries()]
    engine.dispose()
    return queries


def _count_streamed(engine: Engine, sql: str) -> int:
    with engine.connect() as opened:
        return sum(1 for _ in opened.execution_options(stream_results=True).exec_driver_sql(sql))


def _count_rows(settings: TrainerSettings, sql: str) -> int:
    import pymysql  # noqa: PLC0415
    from pymysql.cursors import SSCursor  # noqa: PLC0415

    url = settings.sqlalchemy_url().translate_connect_args(username="user")
    with closing(pymysql.connect(**url, cursorclass=SSCursor)) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return sum(1 for _ in cursor)


def _timed(read: Callable[[], T]) -> tuple[T, tuple[float, int]]:
    started = time.perf_counter()
    result = read()
    seconds = time.perf_counter() - started
    return result, (seconds, own_peak_bytes())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(SIDES[sys.argv[1]](TrainerSettings.load()))))
