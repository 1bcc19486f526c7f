"""The other side of OTLP over HTTP: a server that takes batches of spans as a collector does."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.api.live import wait_until


class Collector:
    """What has come in so far."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.batches: list[ExportTraceServiceRequest] = []

    @property
    def spans(self) -> list[Span]:
        resources = [one for batch in list(self.batches) for one in batch.resource_spans]
        return [span for one in resources for scope in one.scope_spans for span in scope.spans]

    @property
    def resource(self) -> dict[str, Any]:
        return plain(self.batches[0].resource_spans[0].resource.attributes)

    def until(self, n_spans: int) -> list[Span]:
        wait_until(lambda: len(self.spans) >= n_spans)
        return self.spans


@contextmanager
def collecting(port: int = 0) -> Iterator[Collector]:
    """Run a collector on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert (self.path, self.headers["Content-Type"]) == ("/v1/traces", "application/x-protobuf")
            collector.batches.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (the base class's name)
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        collector = Collector(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


def plain(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    """Attributes as a dict."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in attributes}
