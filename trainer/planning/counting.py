"""Counting a shop's events where they are, with the queries that a run would read them by."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from runtime.errors import BadDataError
from trainer.planning.chance import expected_pairs
from trainer.planning.size import ShopSize
from trainer.reading.database import check_columns, connection
from trainer.reading.queries import COLUMNS, EventQuery
from trainer.settings import TrainerSettings

# As text, ids group as a run tells them apart: by each byte, whatever a column's collation says.
_TEXT_OF_IDS: Final = {"mysql": "BINARY", "mariadb": "BINARY"}
_TEXT_ELSEWHERE: Final = "CHAR(255)"
_COMPLETE: Final = " AND ".join(f"q.{column} IS NOT NULL" for column in COLUMNS)


@dataclass(frozen=True)
class _Counted:
    """The complete rows of a kind, and whether its ids are whole numbers."""

    events: int
    has_integer_ids: bool


def count_events(engine: Engine, queries: Iterable[EventQuery]) -> dict[str, int]:
    """Give the number of events of each kind, by one query each.

    They are the rows with a user, a product and a time; a run also leaves out times that are none, or are to come.
    Raises what extraction raises where the database or a query is wrong.
    """
    return {
        query.kind: int(_rows(engine, _counting(query, "COUNT(*)"), _checked(engine, query))[0][0]) for query in queries
    }


def count_shop(engine: Engine, settings: TrainerSettings) -> ShopSize:
    """Count events, users, products and pairs: a look at every row for each kind, and two at all rows together.

    Raises what extraction raises where the database or a query is wrong, and BadDataError where there is no event.
    """
    queries = settings.event_queries()
    counted = {query.kind: _counted(engine, query) for query in queries}
    events = {kind: one.events for kind, one in counted.items()}
    if not sum(events.values()):
        raise BadDataError("no query gave an event that can be used", hint="Are the tables filled?")
    has_text_ids = not all(one.has_integer_ids for one in counted.values())
    pairs = _all_pairs(engine, queries, as_text=has_text_ids)
    users, interactions, additions = _of_users(engine, pairs, settings.max_user_products)
    histogram = _of_products(engine, pairs)
    products, sharing = sum(histogram.values()), (additions - interactions) / interactions**2
    return ShopSize(
        events,
        users,
        products,
        interactions,
        additions,
        co_occurring=expected_pairs(histogram, sharing, 1, products),
        neighbours=expected_pairs(histogram, sharing, settings.min_co_occurrence, settings.neighbours),
        has_text_ids=has_text_ids,
    )


def _counted(engine: Engine, query: EventQuery) -> _Counted:
    asking = _checked(engine, query)
    events, *ids = _rows(engine, _counting(query, "COUNT(*), MIN(q.user_id), MIN(q.product_id)"), asking)[0]
    return _Counted(int(events), all(isinstance(one, int | None) for one in ids))


def _checked(engine: Engine, query: EventQuery) -> str:
    check_columns(engine, query)
    return f"the {query.kind} query"


def _counting(query: EventQuery, what: str) -> str:
    return f"SELECT {what} FROM ({query.bare_sql}) AS q WHERE {_COMPLETE}"  # noqa: S608 (the SQL is the shop's own)


def _all_pairs(engine: Engine, queries: Iterable[EventQuery], *, as_text: bool) -> str:
    kind = _TEXT_OF_IDS.get(engine.dialect.name, _TEXT_ELSEWHERE)
    ids = ("CAST(q.{0} AS " + kind + ") AS {0}") if as_text else "q.{0} AS {0}"
    chosen = ", ".join(ids.format(column) for column in ("user_id", "product_id"))
    return " UNION ALL ".join(_counting(query, chosen) for query in queries)


def _of_users(engine: Engine, pairs: str, most: int) -> tuple[int, int, int]:
    """Give the users, the sum of their numbers of products, and the sum of those squared, up to `most` of each."""
    squares = f"SUM(CASE WHEN n > {most} THEN {most * most} ELSE n * n END)"
    sql = (
        f"SELECT COUNT(*), SUM(n), {squares} FROM (SELECT e.user_id, COUNT(DISTINCT e.product_id) AS n "  # noqa: S608
        f"FROM ({pairs}) AS e GROUP BY e.user_id) AS u"
    )
    users, interactions, additions = _rows(engine, sql, "counting users")[0]
    return int(users), int(interactions), int(additions)


def _of_products(engine: Engine, pairs: str) -> dict[int, int]:
    """Give how many products have so many users."""
    sql = (
        "SELECT n, COUNT(*) FROM (SELECT e.product_id, COUNT(DISTINCT e.user_id) AS n "  # noqa: S608
        f"FROM ({pairs}) AS e GROUP BY e.product_id) AS p GROUP BY n"
    )
    return {int(users): int(products) for users, products in _rows(engine, sql, "counting products")}


def _rows(engine: Engine, sql: str, asking: str) -> list[tuple[int, ...]]:
    with connection(engine, asking) as opened:
        return [tuple(row) for row in opened.exec_driver_sql(sql)]
