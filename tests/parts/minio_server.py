"""A private MinIO in a temporary folder, which can go away and come back."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from tests.parts.http_probe import answers_well
from tests.parts.processes import answers, end, free_port, start, start_server
from tests.programs.go_programs import go_programs


class Minio:
    """A running server; `stop` and `start` (or `away`) keep its port, its buckets and what they hold."""

    access_key = "shop-key"
    secret_key = "shop-secret/+%"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._binary = go_programs("minio") / "minio"
        self._process, self.port = start_server(self._command, is_ready, self._log, self._environment())
        self.endpoint_url = f"http://127.0.0.1:{self.port}"
        self._client = boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )

    def create_bucket(self) -> str:
        """Make an empty bucket of a new name."""
        name = f"shop-{uuid.uuid4().hex[:12]}"
        self._client.create_bucket(Bucket=name)
        return name

    def stop(self) -> None:
        """Go away; data and port are kept."""
        end(self._process)

    def end(self) -> None:
        """Go away for good."""
        self._client.close()
        self.stop()

    def start(self) -> None:
        """Come back on the same port with the same data."""
        self._process = start(self._command(self.port), self._log, self._environment())
        if not answers(self._process, lambda: is_ready(self.port)):
            raise RuntimeError(f"MinIO did not come back: {self._log.read_text(errors='replace')[-2000:]}")

    @contextmanager
    def away(self) -> Iterator[None]:
        """Be away for as long as the context lasts."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _command(self, port: int) -> list[str]:
        console = f"127.0.0.1:{free_port()}"
        data = str(self._folder / "data")
        return [str(self._binary), "server", data, "--address", f"127.0.0.1:{port}", "--console-address", console]

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._folder),
            "MINIO_ROOT_USER": self.access_key,
            "MINIO_ROOT_PASSWORD": self.secret_key,
            "MINIO_BROWSER": "off",
        }


@contextmanager
def running_minio() -> Iterator[Minio]:
    """Run a server for as long as the context lasts; its folder goes with it."""
    with tempfile.TemporaryDirectory(prefix="recommender-minio-", ignore_cleanup_errors=True) as folder:
        server = Minio(Path(folder))
        try:
            yield server
        finally:
            server.end()


def is_ready(port: int) -> bool:
    """Whether MinIO takes requests at a port of loopback."""
    return answers_well(port, "/minio/health/ready")
