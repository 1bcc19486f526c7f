"""The shop's database: asking it with SQLAlchemy, and turning what goes wrong into one line a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, ProgrammingError

from runtime.errors import BadSettingsError, RecommenderError, TryAgainError
from trainer.reading.queries import COLUMNS, QUANTITY_COLUMN, WEIGHT_COLUMN, EventQuery, bare

_CONNECT_TIMEOUT_SECONDS: Final = 10
# MySQL's and MariaDB's error codes. A server's own begin at 1000, those of the connection to it at 2000.
_REFUSED: Final = {1044, 1045, 1142, 1143, 1227, 1698, 4151}
_UNKNOWN_DATABASE: Final = 1049
_CONNECTION: Final = range(2000, 3000)
# What a server says of its own state, which passes; all else that it says is about the SQL.
_SERVER_TROUBLE: Final = {
    1021,
    1037,
    1038,
    1040,
    1041,
    1053,
    1077,
    1078,
    1079,
    1080,
    1129,
    1152,
    1153,
    1158,
    1159,
    1160,
    1161,
}
_INTERRUPTED: Final = {1105, 1203, 1205, 1213, 1226, 1317, 1927, 1969, 3024}
_SQLITE_WRONG_SQL: Final = ("no such", "syntax error", "ambiguous column", "incomplete input", "unrecognized token")


def connect(url: URL) -> Engine:
    """Give an engine for a database; nothing is asked of it yet.

    Raises BadSettingsError where the address is unusable: no such driver, or an SQLite file that is not there.
    """
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise BadSettingsError(
            f"there is no database file {url.database}",
            hint="Set DB_HOST, DB_NAME, DB_USER and DB_PASSWORD (or DATABASE_URL) for your shop's database, or make "
            "the sample shop with `python -m trainer sample-shop`",
        )
    arguments = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS} if url.get_driver_name() == "pymysql" else {}
    try:
        return create_engine(url, connect_args=arguments)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise BadSettingsError(f"DATABASE_URL names a database without a driver here: {error}") from None


@contextmanager
def connection(engine: Engine, asking: str) -> Iterator[Connection]:
    """Hold a connection; `asking` names what is being asked, for the line that says what went wrong."""
    try:
        with engine.connect() as opened:
            # SQL goes to the driver as it is written: neither a colon nor a percent sign in it is a parameter.
            yield opened.execution_options(no_parameters=True)
    except DBAPIError as error:
        raise _explained(error, engine.url, asking) from None


def check_columns(engine: Engine, query: EventQuery) -> tuple[str, ...]:
    """Ask a query for no rows, and give those of its columns that are wanted.

    Raises BadSettingsError where the database is wrong, the schema lacks something, or the columns are others.
    """
    asking = f"the {query.kind} query"
    found = columns_given(engine, query.sql, asking)
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise BadSettingsError(
            f"{asking} gives the columns {', '.join(found)}; it lacks {', '.join(missing)}",
            hint=f"It must give {', '.join(COLUMNS)} and may give {WEIGHT_COLUMN} and {QUANTITY_COLUMN}: "
            "name them with AS in EVENTS",
        )
    return (*COLUMNS, *(column for column in query.optional_columns if column in found))


def columns_given(engine: Engine, sql: str, asking: str) -> list[str]:
    """Ask SQL for no rows, and give the names of its columns. Raises BadSettingsError where the database refuses it."""
    with connection(engine, asking) as opened:
        empty = f"SELECT * FROM ({bare(sql)}) AS q WHERE 1 = 0"  # noqa: S608 (the SQL is the shop's own setting)
        return list(opened.exec_driver_sql(empty).keys())


def stream_rows(engine: Engine, sql: str, batch_rows: int, asking: str) -> Iterator[list[tuple[object, ...]]]:
    """Give a query's rows in batches, without holding more than one."""
    with connection(engine, asking) as opened:
        result = opened.execution_options(stream_results=True).exec_driver_sql(sql)
        for rows in result.partitions(batch_rows):
            yield [tuple(row) for row in rows]


def _explained(error: DBAPIError, url: URL, asking: str) -> RecommenderError:
    arguments = getattr(error.orig, "args", ())
    code = arguments[0] if arguments and isinstance(arguments[0], int) else None
    reason = str(arguments[-1] if arguments else error.orig)
    place = url.render_as_string(hide_password=True)
    if code in _REFUSED:
        return BadSettingsError(f"the database refuses: {reason}", hint="Check DB_USER, DB_PASSWORD and their rights")
    if code == _UNKNOWN_DATABASE:
        return BadSettingsError(f"the database server answers: {reason}", hint="Check DB_NAME")
    if _is_about_sql(error, code, reason):
        hint = "Set your own SQL for it in EVENTS where your tables differ from the default schema"
        return BadSettingsError(f"{asking} does not fit the database {place}: {reason}", hint=hint)
    if "not a database" in reason:
        return BadSettingsError(f"{place} is no SQLite database: {reason}", hint="Check DATABASE_URL")
    return TryAgainError(
        f"the database {place} failed at {asking}: {reason}", hint="Is it up, and reachable from here?"
    )


def _is_about_sql(error: DBAPIError, code: int | None, reason: str) -> bool:
    if code is not None:
        return code not in _CONNECTION and code not in _SERVER_TROUBLE | _INTERRUPTED
    return isinstance(error, ProgrammingError) or any(sign in reason for sign in _SQLITE_WRONG_SQL)
