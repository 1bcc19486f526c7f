"""The stores, each with what a trainer and a reader need to know of it, and what only it can do."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from registry.files import FileStore
from registry.objects import ObjectStore
from registry.s3 import S3Store
from tests.faults.front import ErrorAnswer, FaultyFront
from tests.faults.points import Boundary
from tests.faults.scenes import State, restore
from tests.faults.troubles import Kind
from tests.parts.http_front import serving
from tests.parts.minio_server import Minio

_A_DAY_AND_AN_HOUR_SECONDS: Final = 25 * 3600


@dataclass(frozen=True)
class Backend:
    """An S3 store, or the base of a store on files.

    `reading` and `training` are the settings of a reader and of a trainer, whose way leads through the front where
    there is one.
    """

    name: str
    boundaries: tuple[Boundary, ...]
    store: ObjectStore
    reading: Mapping[str, str]
    training: Mapping[str, str]
    front: FaultyFront | None = None
    root: Path | None = None

    @property
    def keeps_own_time(self) -> bool:
        """Whether what is there cannot be made to look older."""
        return True

    def restore(self, state: State) -> None:
        """Bring everything to a state."""
        restore(self.store, state)

    def let_a_day_pass(self) -> None:
        """Make what there is look older than what a sweep spares, where that can be done."""

    def free_lock(self) -> None:
        """Let the lock of a trainer that died run out."""

    def leftovers(self) -> list[str]:
        """Give what lies about that is no object."""
        return []

    def problems(self, version: str) -> list[str]:
        """Give what is wrong around the store when a run has put a version in service."""
        del version
        return []


@dataclass(frozen=True)
class OnFiles(Backend):
    """A store on files."""

    root: Path = field(kw_only=True)

    @property
    def keeps_own_time(self) -> bool:
        return False

    def restore(self, state: State) -> None:
        for path in self._hidden():
            path.unlink()
        super().restore(state)

    def let_a_day_pass(self) -> None:
        then = time.time() - _A_DAY_AND_AN_HOUR_SECONDS
        for path in self.root.rglob("*"):
            os.utime(path, (then, then))

    def leftovers(self) -> list[str]:
        return [str(path.relative_to(self.root)) for path in self._hidden()]

    def _hidden(self) -> list[Path]:
        return [path for path in self.root.rglob(".*") if path.is_file() and path.name != ".lock"]


def on_files(folder: Path) -> OnFiles:
    """Give a store on files in a folder."""
    root = folder / "store"
    settings = {"STORE_URL": root.as_uri()}
    return OnFiles("files", (Boundary.OPERATION, Boundary.SYSTEM), FileStore(root), settings, settings, root=root)


def credentials_of(minio: Minio) -> dict[str, str]:
    """Give the environment in which boto3 finds them."""
    return {"AWS_ACCESS_KEY_ID": minio.access_key, "AWS_SECRET_ACCESS_KEY": minio.secret_key}


@contextmanager
def on_minio(minio: Minio) -> Iterator[Backend]:
    """Give a store in a new bucket, before which there is a front for the trainer.

    The credentials have to be in this process's environment.
    """
    bucket = minio.create_bucket()
    settings = {"STORE_URL": f"s3://{bucket}/shop", **credentials_of(minio)}
    reading = {**settings, "S3_ENDPOINT_URL": minio.endpoint_url}
    with serving(FaultyFront(lambda: HTTPConnection("127.0.0.1", minio.port, timeout=30), _S3_ERRORS)) as front:
        training = {**settings, "S3_ENDPOINT_URL": front.url}
        store = S3Store(bucket, "shop", minio.endpoint_url)
        yield Backend("minio", (Boundary.OPERATION, Boundary.HTTP), store, reading, training, front)


def _s3_error(status: int, code: str) -> ErrorAnswer:
    body = f"<Error><Code>{code}</Code><Message>trouble made by a test</Message></Error>"
    return ErrorAnswer(status, body.encode(), "application/xml")


_S3_ERRORS: Final = {
    Kind.SERVER_ERROR: _s3_error(500, "InternalError"),
    Kind.FORBIDDEN: _s3_error(403, "AccessDenied"),
    Kind.SLOW_DOWN: _s3_error(503, "SlowDown"),
}


def tomorrow() -> datetime:
    """Give a time after which a sweep spares nothing that is there now."""
    return datetime.fromtimestamp(time.time() + _A_DAY_AND_AN_HOUR_SECONDS, UTC)
