"""The image of MariaDB obeys the official image's variables, and runs under Pod Security `restricted`."""

import pytest

from tests.images.containers import Image
from tests.images.mariadb_server import SETTINGS, running_server

pytestmark = pytest.mark.cluster


def test_what_the_named_user_wrote_is_there_after_a_restart(mariadb_image: Image) -> None:
    with running_server(mariadb_image) as first:
        with first.connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 'ü' AS letter")
        assert first.container.end("TERM") == 0
    with running_server(mariadb_image) as second, second.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT letter, DATABASE() FROM kept")
        assert cursor.fetchone() == ("ü", SETTINGS["MARIADB_DATABASE"])
        cursor.execute("DROP TABLE kept")  # the next test's shop wants an empty database


def test_without_a_root_password_it_says_which_variable_is_missing(mariadb_image: Image) -> None:
    ended = mariadb_image.run(writable=("/tmp", "/run/mysqld", "/var/lib/mysql"))
    assert ended.returncode == 1
    assert ended.stderr.strip() == "Set one of MARIADB_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD"
