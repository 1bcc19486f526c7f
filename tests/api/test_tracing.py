"""OpenTelemetry traces, at a real OTLP receiver; one that is away or hangs harms nothing."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from registry.files import FileStore
from registry.registry import Registry
from tests.api.collector import Collector, collecting, plain
from tests.api.live import REPOSITORY, ServerProcess, free_port, wait_until
from tests.builders import publish

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
QUICKLY = {"OTEL_BSP_SCHEDULE_DELAY": "50"}
# What an API without traces must not load. FastAPI itself loads opentelemetry's API, which does nothing without an SDK.
UNWANTED = ("opentelemetry.sdk", "opentelemetry.exporter", "google.protobuf", "requests")


def serving(folder: Path, endpoint: str, **settings: str) -> ServerProcess:
    if not (folder / "store").exists():
        publish(Registry(FileStore(folder / "store")))
    given = {"STORE_URL": (folder / "store").as_uri(), "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **QUICKLY}
    return ServerProcess(folder, {**given, **settings}).until("/readyz")


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture(scope="module")
def server(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    # FastAPI would trace by itself where this is set, and tell paths.
    settings = {"FASTAPI_OTEL_AUTO_CONFIGURE": "true"}
    with serving(tmp_path_factory.mktemp("traced"), collector.endpoint, **settings) as found:
        yield found


@pytest.fixture
def spans(collector: Collector, server: ServerProcess) -> "Asked":
    return Asked(collector, server)


class Asked:
    """Requests and their spans, which are found by the requests' ids."""

    def __init__(self, collector: Collector, server: ServerProcess) -> None:
        self.collector, self.server = collector, server

    def of(self, method: str, path: str, headers: dict[str, str] | None = None) -> Span:
        answer = self.server.client.request(method, path, headers=headers or {})
        return self.with_id(answer.headers["X-Request-ID"])

    def with_id(self, request_id: str) -> Span:
        wait_until(lambda: bool(self._found(request_id)))
        (span,) = self._found(request_id)
        return span

    def _found(self, request_id: str) -> list[Span]:
        return [one for one in self.collector.spans if plain(one.attributes)["recommender.request_id"] == request_id]


def test_a_request_is_a_span_in_the_words_of_the_conventions(spans: Asked) -> None:
    span = spans.of("GET", "/api/users/jane/recommendations?k=3", {"User-Agent": "shop/1.0", "X-Request-ID": "a"})
    version = spans.server.client.get("/api/model").json()["version"]
    assert (span.name, span.kind) == ("GET /api/users/{user_id}/recommendations", Span.SPAN_KIND_SERVER)
    assert plain(span.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/api/users/{user_id}/recommendations",
        "url.scheme": "http",
        "url.path": "/api/users/{user_id}/recommendations",
        "network.protocol.version": "1.1",
        "client.address": "127.0.0.1",
        "user_agent.original": "shop/1.0",
        "recommender.request_id": "a",
        "recommender.model_version": version,
        "recommender.source": "popular",
    }
    assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 10e9
    assert abs(span.end_time_unix_nano / 1e9 - time.time()) < 60
    assert span.status.code == Status.STATUS_CODE_UNSET
    assert "jane" not in str(spans.collector.batches)


def test_the_callers_trace_goes_on(spans: Asked) -> None:
    span = spans.of("GET", "/api/products/popular", {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "a=b"})
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.trace_state) == (TRACE, PARENT, "a=b")


def test_a_caller_without_a_sane_trace_gets_a_new_one(spans: Asked) -> None:
    for parent in ("", "nonsense", f"00-{'0' * 32}-{PARENT}-01"):
        span = spans.of("GET", "/api/products/popular", {"traceparent": parent})
        assert len(span.trace_id) == 16
        assert not span.parent_span_id


def test_what_the_caller_does_not_record_is_not_recorded_here(spans: Asked) -> None:
    not_sampled = {"traceparent": f"00-{TRACE}-{PARENT}-00", "X-Request-ID": "not-sampled"}
    assert spans.server.client.get("/api/products/popular", headers=not_sampled).status_code == 200
    spans.of("GET", "/api/products/popular")
    assert "not-sampled" not in str(spans.collector.batches)


def test_log_lines_lead_to_the_trace(spans: Asked) -> None:
    span = spans.of("GET", "/api/products/popular", {"X-Request-ID": "logged"})
    lines = [json.loads(line) for line in spans.server.log.splitlines()]
    assert [line["trace_id"] for line in lines if line.get("request_id") == "logged"] == [span.trace_id.hex()]


@pytest.mark.parametrize(
    ("method", "path", "name", "status"),
    [
        ("GET", "/api/products/4711/similar", "GET /api/products/{product_id}/similar", 404),
        ("GET", "/secret", "GET", 404),
        ("PROPFIND", "/secret", "_OTHER", 404),
    ],
)
def test_an_answer_that_is_the_clients_fault_is_no_error_of_the_span(
    spans: Asked, method: str, path: str, name: str, status: int
) -> None:
    span = spans.of(method, path)
    assert (span.name, plain(span.attributes)["http.response.status_code"]) == (name, status)
    assert span.status.code == Status.STATUS_CODE_UNSET
    assert "secret" not in str(spans.collector.batches)


def test_probes_and_scrapes_are_not_traced(spans: Asked) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        spans.server.client.get(path, headers={"X-Request-ID": f"probe-{path}"})
    spans.of("GET", "/api/products/popular")
    assert "probe-" not in str(spans.collector.batches)


def test_spans_say_whose_they_are(spans: Asked) -> None:
    spans.of("GET", "/api/products/popular")
    assert spans.collector.resource["service.name"] == "recommender-api"


def test_a_failure_is_an_error_of_the_span_and_the_service_may_have_another_name(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no folder")
    settings = {"STORE_URL": (tmp_path / "store").as_uri(), "OTEL_SERVICE_NAME": "shop-api", **QUICKLY}
    with (
        collecting() as collector,
        ServerProcess(tmp_path, {**settings, "OTEL_EXPORTER_OTLP_ENDPOINT": f"{collector.endpoint}/"}) as server,
    ):
        server.until("/readyz", 503)
        assert server.client.get("/api/products/popular").status_code == 503
        (span,) = collector.until(1)
        assert span.status.code == Status.STATUS_CODE_ERROR
        assert plain(span.attributes)["error.type"] == "503"
        assert collector.resource["service.name"] == "shop-api"


def test_spans_that_wait_are_sent_at_the_end(tmp_path: Path) -> None:
    with collecting() as collector, serving(tmp_path, collector.endpoint, OTEL_BSP_SCHEDULE_DELAY="60000") as server:
        for _ in range(5):
            server.client.get("/api/products/popular")
        assert collector.spans == []
        assert server.end() == 0
        assert len(collector.spans) == 5


def seconds_to_end(server: ServerProcess) -> float:
    told_at = time.monotonic()
    assert server.end(signal.SIGTERM) == 0
    return time.monotonic() - told_at


def test_a_collector_that_is_away_is_told_once_and_again_when_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    settings = {"OTEL_EXPORTER_OTLP_TIMEOUT": "1.5", "ACCESS_LOG": "none"}
    with serving(tmp_path, f"http://127.0.0.1:{port}", **settings) as server:
        ends_at = time.monotonic() + 5  # a few batches
        while time.monotonic() < ends_at:
            asked_at = time.monotonic()
            assert server.client.get("/api/products/popular").status_code == 200
            assert time.monotonic() - asked_at < 1
            time.sleep(0.01)
        warnings = [json.loads(line) for line in server.log.splitlines() if "WARNING" in line]
        (warning,) = [line["message"] for line in warnings]
        assert warning.startswith(f"No traces can be sent to http://127.0.0.1:{port}/v1/traces, they are lost")
        assert "Connection refused" in warning
        with collecting(port) as collector:
            server.client.get("/api/products/popular")
            collector.until(1)
            wait_until(lambda: "are sent to" in server.log)
        server.client.get("/api/products/popular")
        assert seconds_to_end(server) < 4
        assert "Traceback" not in server.log


def test_a_collector_that_hangs_holds_up_neither_requests_nor_the_end(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with serving(tmp_path, endpoint, OTEL_BSP_MAX_QUEUE_SIZE="20", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="10") as server:
            for _ in range(100):
                asked_at = time.monotonic()
                assert server.client.get("/api/products/popular").status_code == 200
                assert time.monotonic() - asked_at < 1
            assert seconds_to_end(server) < 4
            assert "Queue full" not in server.log


@pytest.mark.parametrize(
    "endpoint", ["collector:4318", "grpc://collector:4317", "http://", "http://a b", "http://a?b=c"]
)
def test_an_endpoint_that_is_no_url_is_a_wrong_setting(tmp_path: Path, endpoint: str) -> None:
    with ServerProcess(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "LOG_FORMAT": "human"}) as server:
        assert server.process.wait(20) == 64
        (line,) = server.log.splitlines()
        assert line.startswith(f"ERROR: wrong settings: OTEL_EXPORTER_OTLP_ENDPOINT={endpoint!r}: ")


LOADED = """
import sys
from tests.api.live import settings_for
from api.server import create_app, open_store
from pathlib import Path
settings = settings_for(Path(sys.argv[1]), **({"otel_exporter_otlp_endpoint": sys.argv[2]} if sys.argv[2:] else {}))
create_app(settings, open_store(settings), None)
print(*sorted(sys.modules))
"""


def test_without_an_endpoint_no_library_for_traces_is_loaded(tmp_path: Path) -> None:
    def loaded(*endpoint: str) -> set[str]:
        command = [sys.executable, "-c", LOADED, str(tmp_path), *endpoint]
        modules = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split()
        return {name for name in UNWANTED if name in modules}

    assert loaded() == set()
    assert loaded("http://127.0.0.1:9") == set(UNWANTED)


def anonymous_megabytes(server: ServerProcess) -> float:
    """Memory of its own that a server has at rest, without the files it maps."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) * 1024 / 1e6


def test_at_rest_a_server_without_traces_is_small_and_traces_take_little(tmp_path: Path) -> None:
    publish(Registry(FileStore(tmp_path / "store")))
    with ServerProcess(tmp_path, {"STORE_URL": (tmp_path / "store").as_uri()}) as server:
        plain_megabytes = anonymous_megabytes(server.until("/readyz"))
    with serving(tmp_path, "http://127.0.0.1:9") as server:
        traced_megabytes = anonymous_megabytes(server)
    assert plain_megabytes < 55  # 46 when this was written
    assert 1 < traced_megabytes - plain_megabytes < 15
