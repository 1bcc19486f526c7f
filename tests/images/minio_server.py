"""The image of MinIO as the chart runs it: the bucket is a folder that was there first."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.images.containers import Container, Image
from tests.parts.minio_server import is_ready
from tests.parts.processes import free_port

BUCKET: Final = "recommender"
_USER: Final = "shop-key"
_PASSWORD: Final = "shop-secret"
_SECONDS: Final = 60


@contextmanager
def running_minio(image: Image) -> Iterator[dict[str, str]]:
    """Run a server, and give the settings of a store in its bucket."""
    folder = image.place("/data") / BUCKET
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    port = free_port()
    address = ["--address", f"127.0.0.1:{port}", "--console-address", f"127.0.0.1:{free_port()}"]
    keys = {"MINIO_ROOT_USER": _USER, "MINIO_ROOT_PASSWORD": _PASSWORD}
    with image.running("server", "/data", *address, env=keys, writable=("/tmp", "/data")) as container:
        _wait(port, container)
        yield {
            "STORE_URL": f"s3://{BUCKET}/shop",
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": _USER,
            "AWS_SECRET_ACCESS_KEY": _PASSWORD,
        }


def _wait(port: int, container: Container) -> None:
    deadline = time.monotonic() + _SECONDS
    while not is_ready(port):
        if time.monotonic() > deadline or container.process.poll() is not None:
            raise AssertionError(container.log.read_text())
        time.sleep(0.2)
