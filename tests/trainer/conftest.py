"""Databases for the trainer's tests: the same shop on SQLite and on MariaDB."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

from tests.parts.mariadb import MariaDb
from tests.trainer.shops import UNTIL, empty_shop
from trainer.sample_shop.tables import fill


@pytest.fixture(scope="session")
def sample_shop_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the sample shop in an SQLite file, made once; tests only read it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('shop')}/shop.db"
    fill(make_url(url), until=UNTIL)
    return url


@pytest.fixture(params=["sqlite", "mariadb"])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database of each kind."""
    if request.param == "mariadb":
        return str(request.getfixturevalue("mariadb_url"))
    (tmp_path / "any.db").touch()
    return f"sqlite:///{tmp_path}/any.db"


@pytest.fixture
def shop(any_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Give a database of each kind with the default schema, no rows, and DATABASE_URL set to it."""
    monkeypatch.setenv("DATABASE_URL", any_database)
    engine = create_engine(make_url(any_database))
    empty_shop(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


@pytest.fixture
def store_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set STORE_URL to a folder that is not there yet."""
    path = tmp_path / "a store"
    monkeypatch.setenv("STORE_URL", path.as_uri())
    return path


@pytest.fixture
def shop_settings(mariadb: MariaDb, mariadb_url: str) -> dict[str, str]:
    """Give DB_* settings of an empty database."""
    return {
        "DB_HOST": mariadb.host,
        "DB_PORT": str(mariadb.port),
        "DB_NAME": mariadb_url.rsplit("/", 1)[1],
        "DB_USER": mariadb.user,
        "DB_PASSWORD": mariadb.password,
    }
