"""A query in parts: ranges of the users that it gives."""

from itertools import pairwise

from sqlalchemy import Engine

from trainer.reading.database import connection
from trainer.reading.queries import bare


def parts_of(engine: Engine, sql: str, n: int, asking: str) -> list[str]:
    """Give queries that together give the rows of one, whatever its users are: one alone where they are no integers.

    Rows without a user are in the first. Raises what asking a database raises.
    """
    if n == 1:
        return [sql]
    ends = _ends(engine, sql, asking)
    if ends is None:
        return [sql]
    first, last = ends
    # Python's own numbers: an id may be beyond 64 signed bits.
    cuts = sorted({first + (last + 1 - first) * part // n for part in range(1, n)})
    query = f"SELECT q.* FROM ({bare(sql)}) AS q WHERE"  # noqa: S608 (the SQL is the shop's own setting)
    inner = [f"{query} q.user_id >= {begin} AND q.user_id < {end}" for begin, end in pairwise(cuts)]
    return [f"{query} q.user_id < {cuts[0]} OR q.user_id IS NULL", *inner, f"{query} q.user_id >= {cuts[-1]}"]


def _ends(engine: Engine, sql: str, asking: str) -> tuple[int, int] | None:
    """Give the first and the last user, None where there is none, or they are no integers."""
    with connection(engine, asking) as opened:
        question = f"SELECT MIN(q.user_id), MAX(q.user_id) FROM ({bare(sql)}) AS q"  # noqa: S608
        first, last = opened.exec_driver_sql(question).one()
    if not (isinstance(first, int) and isinstance(last, int)):
        return None
    return first, last
