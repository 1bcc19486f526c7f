"""A private MariaDB in a temporary folder, from the machine's own package."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pymysql

from tests.parts.missing import find_program
from tests.parts.processes import end, start_server

_REMEDY = "MariaDB is not installed (apt-get install mariadb-server)"
_FAST = [
    "--innodb-buffer-pool-size=32M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-log-file-size=8M",
    "--performance-schema=OFF",
    "--skip-log-bin",
]


@dataclass(frozen=True)
class MariaDb:
    """A running server and the user who may do all on it, whose password holds all that a URL must quote."""

    host: str
    port: int
    user: str = "shop"
    password: str = "p@ss:/w%"

    def url(self, database: str) -> str:
        """Give a database's SQLAlchemy URL."""
        password = quote(self.password, safe="")
        return f"mysql+pymysql://{self.user}:{password}@{self.host}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database and give its SQLAlchemy URL."""
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE `{name}`")

    def execute(self, statement: str) -> None:
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def answers(self) -> bool:
        try:
            self._connect().close()
        except pymysql.err.OperationalError:
            return False
        return True

    def _connect(self) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        return pymysql.connect(host=self.host, port=self.port, user=self.user, password=self.password, autocommit=True)


@contextmanager
def running_mariadb() -> Iterator[MariaDb]:
    """Run a server for as long as the context lasts; its folder goes with it."""
    install, server = (find_program(name, _REMEDY) for name in ("mariadb-install-db", "mariadbd"))
    with tempfile.TemporaryDirectory(prefix="recommender-mariadb-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _install(install, folder)
        process, port = start_server(
            lambda port: _command(server, folder, port),
            lambda port: MariaDb("127.0.0.1", port).answers(),
            folder / "server.log",
        )
        try:
            yield MariaDb("127.0.0.1", port)
        finally:
            end(process)


def _install(install: str, folder: Path) -> None:
    command = [install, "--no-defaults", f"--datadir={folder}/data", "--auth-root-authentication-method=normal"]
    subprocess.run([*command, "--skip-test-db", *_FAST, *_as_root()], check=True, capture_output=True)
    user = f"CREATE OR REPLACE USER '{MariaDb.user}'@'%' IDENTIFIED BY '{MariaDb.password}';\n"
    (folder / "init.sql").write_text(user + f"GRANT ALL ON *.* TO '{MariaDb.user}'@'%' WITH GRANT OPTION;\n")


def _command(server: str, folder: Path, port: int) -> list[str]:
    return [
        server,
        "--no-defaults",
        f"--datadir={folder}/data",
        f"--tmpdir={folder}",
        f"--socket={folder}/socket",
        f"--pid-file={folder}/pid",
        f"--init-file={folder}/init.sql",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--character-set-server=utf8mb4",
        *_FAST,
        *_as_root(),
    ]


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []
