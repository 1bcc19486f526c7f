"""OpenTelemetry traces: a span a request. Imported only where there is an endpoint to send them to.

What the settings here do not say, such as the share of requests to sample or the headers to send, OpenTelemetry's own
variables do: OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES and so on.
"""

import threading
from http import HTTPStatus
from typing import Final

from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access_log import client_of, user_agent_of
from api.exchanges import PROBES, UNMATCHED, Exchange, exchange_of
from api.span_export import ToldOnce
from runtime import __version__

# The rest of what is waiting to be sent has so long at the end of the process, which has other things to do too.
_STOP_SECONDS: Final = 1.5
_UNKNOWN_METHOD: Final = "_OTHER"


class Traces:
    """Takes spans, and sends them to `endpoint` in batches from a thread of its own."""

    def __init__(self, endpoint: str, *, paths: bool) -> None:
        self._paths = paths
        self._exporter = ToldOnce(endpoint)
        provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._provider = provider

    def middleware(self) -> list[Middleware]:
        """Give the middleware that makes the spans."""
        tracer = self._provider.get_tracer("recommender", __version__)
        return [Middleware(TracedRequests, tracer=tracer, paths=self._paths)]

    def stop(self) -> None:
        """Send what is waiting, if that is quickly done."""
        # The SDK waits for half a minute where nobody answers.
        sending = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        sending.start()
        sending.join(_STOP_SECONDS)
        self._exporter.give_up()


class TracedRequests:
    """Middleware that makes a span of each request but probes and scrapes; it goes on with the caller's trace."""

    def __init__(self, app: ASGIApp, tracer: Tracer, *, paths: bool) -> None:
        self._app, self._tracer, self._paths = app, tracer, paths
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within a span."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        exchange = exchange_of(scope)
        with self._tracer.start_as_current_span(
            _method(exchange),
            self._propagator.extract(scope["headers"], getter=_HEADERS),
            SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            exchange.log_fields["trace_id"] = format_trace_id(span.get_span_context().trace_id)
            try:
                await self._app(scope, receive, send)
            finally:
                if span.is_recording():
                    self._describe(span, exchange)

    def _describe(self, span: Span, exchange: Exchange) -> None:
        if exchange.route != UNMATCHED:
            span.update_name(f"{_method(exchange)} {exchange.route}")
        span.set_attributes(_attributes(exchange) | {"url.path": self._path(exchange)})
        if exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            span.set_attribute("error.type", str(exchange.status))
            span.set_status(StatusCode.ERROR)

    def _path(self, exchange: Exchange) -> str:
        """Give what every span must have; unless it may be told as it was asked, with nobody's id in it."""
        return str(exchange.scope["path"]) if self._paths else exchange.route


class _Headers(Getter[list[tuple[bytes, bytes]]]):
    """Headers as ASGI has them, for OpenTelemetry to read."""

    def get(self, carrier: list[tuple[bytes, bytes]], key: str) -> list[str] | None:
        wanted = key.encode()
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: list[tuple[bytes, bytes]]) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


_HEADERS: Final = _Headers()


def _resource() -> Resource:
    """Tell whose spans these are; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES know better."""
    ours = {"service.name": "recommender-api", "service.version": __version__}
    return Resource.create(ours).merge(OTELResourceDetector().detect())


def _method(exchange: Exchange) -> str:
    return exchange.method if exchange.method != "other" else _UNKNOWN_METHOD


def _attributes(exchange: Exchange) -> dict[str, AttributeValue]:
    """Describe a request in the words of OpenTelemetry's conventions for HTTP servers, and in our own."""
    scope = exchange.scope
    attributes: dict[str, AttributeValue] = {
        "http.request.method": _method(exchange),
        "http.response.status_code": exchange.status,
        "url.scheme": scope["scheme"],
        "network.protocol.version": scope["http_version"],
        "client.address": client_of(scope),
        "user_agent.original": user_agent_of(scope),
        "recommender.request_id": exchange.request_id,
    }
    known = {
        "http.route": exchange.route if exchange.route != UNMATCHED else "",
        "recommender.model_version": exchange.model_version,
        "recommender.source": exchange.source,
    }
    return attributes | {name: value for name, value in known.items() if value}
