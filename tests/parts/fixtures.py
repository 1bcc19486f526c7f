"""The parts as fixtures: each started when the first test asks for it, ended with the session."""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from botocore.loaders import create_loader
from playwright.sync_api import Browser

from registry.s3 import S3Store
from tests.parts.chromium import running_chromium
from tests.parts.mariadb import MariaDb, running_mariadb
from tests.parts.minio_server import Minio, running_minio
from tests.parts.missing import PartMissingError
from tests.parts.s3_front import S3Front, s3_front
from tests.parts.small_disk import SmallDisk, small_disk
from tests.programs.go_programs import build_notice

Part = TypeVar("Part")


def had(part: AbstractContextManager[Part], stack: ExitStack) -> Part:
    """Start a part, or skip the test that asks for it."""
    try:
        return stack.enter_context(part)
    except PartMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give the browser. It ends with the module: while Playwright is there, nobody else can run an asyncio loop."""
    with ExitStack() as stack:
        yield had(running_chromium(), stack)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """Give a running MariaDB server."""
    with ExitStack() as stack:
        yield had(running_mariadb(), stack)


@pytest.fixture
def mariadb_url(mariadb: MariaDb) -> Iterator[str]:
    """Give the SQLAlchemy URL of a new, empty database."""
    name = f"shop_{uuid.uuid4().hex[:12]}"
    yield mariadb.create_database(name)
    mariadb.drop_database(name)


@pytest.fixture(scope="session")
def minio(request: pytest.FixtureRequest) -> Iterator[Minio]:
    """Give a running MinIO server."""
    announce_builds(request, "minio")
    with ExitStack() as stack:
        stack.enter_context(_service_descriptions_read_once())
        yield had(running_minio(), stack)


@pytest.fixture
def minio_credentials(minio: Minio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the credentials where boto3 finds them, in this process and in those it starts."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", minio.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", minio.secret_key)


@pytest.fixture
def bucket(minio: Minio, minio_credentials: None) -> str:  # noqa: ARG001 (asked for what it does)
    """Give the name of a new, empty bucket, with credentials for it."""
    return minio.create_bucket()


@pytest.fixture
def s3_store(minio: Minio, bucket: str) -> S3Store:
    """Give a store below a prefix of a new, empty bucket."""
    return S3Store(bucket, "a shop/ü", minio.endpoint_url)


@pytest.fixture
def s3_store_in_parts(minio: Minio, bucket: str) -> S3Store:
    """Give a store that writes everything in parts."""
    return S3Store(bucket, "in parts", minio.endpoint_url, in_one=0)


@pytest.fixture
def s3_settings(minio: Minio, bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set STORE_URL and S3_ENDPOINT_URL to a new, empty bucket; give the STORE_URL."""
    store_url = f"s3://{bucket}/shop"
    monkeypatch.setenv("STORE_URL", store_url)
    monkeypatch.setenv("S3_ENDPOINT_URL", minio.endpoint_url)
    return store_url


@pytest.fixture
def front(minio: Minio, minio_credentials: None) -> Iterator[S3Front]:  # noqa: ARG001 (asked for what it does)
    """Give an HTTP front before MinIO that makes trouble when told to."""
    with s3_front(minio.port) as started:
        yield started


@pytest.fixture
def hasty_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let boto3 try as often as it does, but without the seconds between."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.01)


@pytest.fixture
def disk_of_128_kilobytes(tmp_path: Path) -> Iterator[SmallDisk]:
    """Give a mounted file system that is soon full."""
    with ExitStack() as stack:
        yield had(small_disk(tmp_path / "disk", 128), stack)


@contextmanager
def _service_descriptions_read_once() -> Iterator[None]:
    """Spare each new client the 80 ms in which it reads what Amazon's services are."""
    loader = create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", lambda *_: loader)
        yield


def announce_builds(request: pytest.FixtureRequest, *modules: str) -> None:
    """Tell of each of these Go modules that is to be built first."""
    for notice in filter(None, map(build_notice, modules)):
        say(request, notice)


def say(request: pytest.FixtureRequest, line: str) -> None:
    """Tell whoever waits why it takes so long, though tests' output is captured."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    reporter = request.config.pluginmanager.getplugin("terminalreporter")
    if capture and reporter:
        with capture.global_and_fixture_disabled():
            reporter.write_line(f"\n{line}")
