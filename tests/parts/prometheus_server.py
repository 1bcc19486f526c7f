"""A private Prometheus in a temporary folder that scrapes one port of loopback, once a second."""

import json
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.parts.http_probe import answers_well
from tests.parts.processes import end, start_server
from tests.programs.go_programs import go_programs

_SECONDS: Final = 30


class Prometheus:
    """A running server. What it scrapes has the labels that a ServiceMonitor would give."""

    def __init__(self, folder: Path, scraped_port: int, labels: Mapping[str, str]) -> None:
        self._folder = folder
        self._binary = go_programs("prometheus") / "prometheus"
        target = {"targets": [f"127.0.0.1:{scraped_port}"], "labels": dict(labels)}
        jobs = [{"job_name": labels.get("service", "api"), "static_configs": [target]}]
        intervals = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        self._config.write_text(json.dumps({"global": intervals, "scrape_configs": jobs}))  # which is YAML too
        self._process, self.port = start_server(self._command, is_ready, folder / "server.log")

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Give the series that an expression has now. Raises ValueError where it is none."""
        asked = urllib.parse.urlencode({"query": expression})
        return self._data(f"query?{asked}", expression)["result"]  # type: ignore[no-any-return]

    def label_values(self, label: str, selector: str) -> list[str]:
        """Give a label's values among the series that a selector finds."""
        asked = urllib.parse.urlencode({"match[]": selector})
        return list(self._data(f"label/{label}/values?{asked}", selector))

    def end(self) -> None:
        """Go away for good."""
        end(self._process)

    @property
    def _config(self) -> Path:
        return self._folder / "prometheus.json"

    def _command(self, port: int) -> list[str]:
        return [
            str(self._binary),
            f"--config.file={self._config}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ]

    def _data(self, asked: str, expression: str) -> Any:  # noqa: ANN401 (JSON)
        url = f"http://127.0.0.1:{self.port}/api/v1/{asked}"
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(f"{expression}: {json.load(error)['error']}") from None


@contextmanager
def running_prometheus(scraped_port: int, labels: Mapping[str, str]) -> Iterator[Prometheus]:
    """Run a server for as long as the context lasts; its folder goes with it."""
    with tempfile.TemporaryDirectory(prefix="recommender-prometheus-", ignore_cleanup_errors=True) as folder:
        server = Prometheus(Path(folder), scraped_port, labels)
        try:
            yield server
        finally:
            server.end()


def is_ready(port: int) -> bool:
    """Whether Prometheus answers queries at a port of loopback."""
    return answers_well(port, "/-/ready")
