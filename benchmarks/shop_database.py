"""Where the benchmark's shop lies: in a private MariaDB that goes with it, or in the database that DB_* name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url

from runtime.errors import BadSettingsError
from tests.parts.mariadb import running_mariadb
from tests.parts.missing import PartMissingError
from trainer.settings import TrainerSettings

_BUFFER_POOL_BYTES: Final = 512 << 20
_LOG_BYTES: Final = 128 << 20


@dataclass(frozen=True)
class Server:
    """A database server, and what its memory is to hold."""

    version: str
    buffer_pool_bytes: int
    tables_bytes: int


@contextmanager
def shop_database(settings: TrainerSettings) -> Iterator[URL]:
    """Give the address of a MySQL or MariaDB database; a private server ends, and its folder goes, with the context.

    Raises BadSettingsError where DATABASE_URL is of another kind, or MariaDB is not installed.
    """
    if names_database(settings):
        yield _own(settings)
        return
    try:
        with running_mariadb() as server:
            # All tables fit in memory, so that the disk has no part in what is measured.
            server.execute(f"SET GLOBAL innodb_buffer_pool_size = {_BUFFER_POOL_BYTES}")
            server.execute(f"SET GLOBAL innodb_log_file_size = {_LOG_BYTES}")
            yield make_url(server.create_database("completejourney"))
    except PartMissingError as missing:
        hint = "Install it, or set DB_HOST, DB_NAME, DB_USER and DB_PASSWORD for an empty database of yours"
        raise BadSettingsError(str(missing), hint=hint) from None


def names_database(settings: TrainerSettings) -> bool:
    """Whether DATABASE_URL or DB_* name a database."""
    return settings.database_url is not None or settings.db_host is not None


def describe_server(url: URL) -> Server:
    """Ask the server what it is, and how large the database's tables are."""
    engine = create_engine(url)
    with engine.connect() as opened:
        version, pool = opened.exec_driver_sql("SELECT VERSION(), @@innodb_buffer_pool_size").one()
        sizes = "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
        tables = opened.exec_driver_sql(sizes).scalar_one()
    engine.dispose()
    return Server(str(version), int(pool), int(tables))


def _own(settings: TrainerSettings) -> URL:
    url = settings.sqlalchemy_url()
    if url.get_driver_name() != "pymysql":
        raise BadSettingsError(
            f"DATABASE_URL names {url.get_backend_name()}: this benchmark compares with PyMySQL",
            hint="Set mysql://user:password@host:3306/an_empty_database, or nothing for a private MariaDB",
        )
    return url
