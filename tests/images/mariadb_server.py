"""The image of MariaDB as the chart runs it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import pymysql

from tests.images.containers import Container, Image
from tests.parts.processes import free_port

_WRITABLE: Final = ("/tmp", "/run/mysqld", "/var/lib/mysql")
_SECONDS: Final = 90
PASSWORD: Final = "p'a\\ss`"
SETTINGS: Final = {
    "MARIADB_DATABASE": "my`shop",
    "MARIADB_USER": "shop's",
    "MARIADB_PASSWORD": PASSWORD,
    "MARIADB_RANDOM_ROOT_PASSWORD": "1",
}


@dataclass(frozen=True)
class MariaDbServer:
    container: Container
    port: int

    @property
    def trainer_settings(self) -> dict[str, str]:
        """Give what tells the trainer where the database is."""
        return {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(self.port),
            "DB_NAME": SETTINGS["MARIADB_DATABASE"],
            "DB_USER": SETTINGS["MARIADB_USER"],
            "DB_PASSWORD": PASSWORD,
        }

    def connect(self) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        """Connect as the user that the variables name, as soon as the server answers."""
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                return pymysql.connect(
                    host="127.0.0.1",
                    port=self.port,
                    user=SETTINGS["MARIADB_USER"],
                    password=PASSWORD,
                    database=SETTINGS["MARIADB_DATABASE"],
                    autocommit=True,
                )
            except pymysql.err.OperationalError:
                if time.monotonic() > deadline or self.container.process.poll() is not None:
                    raise
                time.sleep(0.2)


@contextmanager
def running_server(image: Image) -> Iterator[MariaDbServer]:
    """Run a server on the data of the one before, with a further argument, as the chart may give it."""
    port = free_port()
    with image.running(f"--port={port}", env=SETTINGS, writable=_WRITABLE) as container:
        server = MariaDbServer(container, port)
        server.connect().close()
        yield server
