"""The parts are real, and the troublemakers make the trouble they are told to."""

import time
from contextlib import closing
from pathlib import Path

import pymysql
import pytest
from sqlalchemy import create_engine, text

from registry.objects import StoreUnavailableError
from registry.s3 import S3Store
from tests.parts.mariadb import MariaDb
from tests.parts.minio_server import Minio
from tests.parts.s3_front import S3Front
from tests.parts.small_disk import SmallDisk
from tests.parts.tcp_proxy import TcpProxy, tcp_proxy


def connect(proxy: TcpProxy) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    return pymysql.connect(host=proxy.host, port=proxy.port, user=MariaDb.user, password=MariaDb.password)


def test_each_test_has_an_empty_database_that_takes_any_text(mariadb_url: str) -> None:
    engine = create_engine(mariadb_url)
    with engine.begin() as connection:
        assert connection.execute(text("SHOW TABLES")).all() == []
        connection.execute(text("CREATE TABLE things (id VARCHAR(300) PRIMARY KEY)"))
        connection.execute(text("INSERT INTO things VALUES (:id)"), {"id": "🛒" * 300})
        assert connection.execute(text("SELECT id FROM things")).scalar_one() == "🛒" * 300
    engine.dispose()


def test_proxy_passes_everything_on(mariadb: MariaDb) -> None:
    with tcp_proxy(mariadb.port) as proxy:
        assert MariaDb(proxy.host, proxy.port).answers()


def test_proxy_cuts_an_answer_in_the_middle(mariadb: MariaDb) -> None:
    with tcp_proxy(mariadb.port) as proxy, closing(connect(proxy)) as connection, connection.cursor() as cursor:
        proxy.cut_after(10_000)
        with pytest.raises(pymysql.err.OperationalError, match="Lost connection"):
            cursor.execute("SELECT REPEAT('x', 1000000)")


def test_proxy_refuses_and_heals(mariadb: MariaDb) -> None:
    with tcp_proxy(mariadb.port) as proxy:
        through_proxy = MariaDb(proxy.host, proxy.port)
        proxy.refuse()
        assert not through_proxy.answers()
        proxy.heal()
        assert through_proxy.answers()


def test_proxy_delays_answers(mariadb: MariaDb) -> None:
    with tcp_proxy(mariadb.port) as proxy, closing(connect(proxy)) as connection, connection.cursor() as cursor:
        proxy.delay(0.2)
        started = time.monotonic()
        cursor.execute("SELECT 1")
        assert time.monotonic() - started >= 0.2


def test_store_that_was_away_comes_back_with_all_it_held(
    minio: Minio,
    s3_store: S3Store,
    hasty_retries: None,  # noqa: ARG001
) -> None:
    s3_store.put("kept", b"body")
    with minio.away(), pytest.raises(StoreUnavailableError):
        s3_store.get("kept")
    assert s3_store.get("kept").body == b"body"


def test_front_passes_everything_on_under_the_same_signature(front: S3Front, bucket: str) -> None:
    store = S3Store(bucket, "", front.endpoint_url)
    store.put("a key/ü+%", b"body")
    assert store.get("a key/ü+%").body == b"body"
    assert [info.key for info in store.list("")] == ["a key/ü+%"]


def test_full_disk_is_full_and_read_only_disk_is_read_only(disk_of_128_kilobytes: SmallDisk) -> None:
    with pytest.raises(OSError, match="No space left"):
        Path(disk_of_128_kilobytes.path / "large").write_bytes(bytes(128 * 1024 + 1))
    disk_of_128_kilobytes.make_read_only()
    with pytest.raises(OSError, match="Read-only"):
        Path(disk_of_128_kilobytes.path / "small").write_bytes(b"")
