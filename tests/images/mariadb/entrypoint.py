"""Prepares /var/lib/mysql once, as the official image's variables say, and becomes the server."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

DATA: Final = Path("/var/lib/mysql")
SOCKETS: Final = Path("/run/mysqld")
INSTALLED: Final = DATA / ".installed"
INIT_FILE: Final = Path("/tmp/init.sql")
SERVER: Final = [
    "mariadbd",
    "--no-defaults",
    f"--datadir={DATA}",
    f"--socket={SOCKETS}/mysqld.sock",
    f"--pid-file={SOCKETS}/mariadbd.pid",
    f"--init-file={INIT_FILE}",
    "--tmpdir=/tmp",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
]


def main() -> NoReturn:
    arguments = sys.argv[1:]
    if arguments and not arguments[0].startswith("-") and arguments[0] != "mariadbd":
        os.execvp(arguments[0], arguments)
    if not INSTALLED.exists():
        _install()
    INIT_FILE.touch(mode=0o600)
    INIT_FILE.write_text("".join(f"{statement};\n" for statement in _statements()))
    os.execvp("mariadbd", [*SERVER, *(argument for argument in arguments if argument != "mariadbd")])


def _install() -> None:
    """Make the system tables; what an interrupted attempt left goes first."""
    for left in DATA.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    command = ["mariadb-install-db", "--no-defaults", f"--datadir={DATA}", "--skip-test-db"]
    subprocess.run([*command, "--auth-root-authentication-method=normal"], check=True, stdout=subprocess.DEVNULL)
    INSTALLED.touch()


def _statements() -> Iterator[str]:
    """Give what the server does at each start before it answers; the second time it changes nothing."""
    database, user = os.environ.get("MARIADB_DATABASE"), os.environ.get("MARIADB_USER")
    root = _quoted(_root_password())
    yield f"CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY {root}"
    yield "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION"
    yield f"ALTER USER 'root'@'localhost' IDENTIFIED BY {root}"
    if database:
        yield f"CREATE DATABASE IF NOT EXISTS {_name(database)}"
    if user:
        yield f"CREATE USER IF NOT EXISTS {_quoted(user)}@'%' IDENTIFIED BY {_quoted(os.environ['MARIADB_PASSWORD'])}"
    if user and database:
        yield f"GRANT ALL ON {_name(database)}.* TO {_quoted(user)}@'%'"


def _root_password() -> str:
    given = os.environ.get("MARIADB_ROOT_PASSWORD")
    if not given and not os.environ.get("MARIADB_RANDOM_ROOT_PASSWORD"):
        sys.exit("Set one of MARIADB_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD")
    return given or secrets.token_urlsafe()


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


if __name__ == "__main__":
    main()
