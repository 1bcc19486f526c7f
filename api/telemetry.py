"""Prometheus metrics: of the model in service, read when they are scraped, and of requests by route."""

import time
from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.served_model import ModelService, ServedModel

_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED: Final = "unmatched"


class Telemetry:
    """The metrics of one application, in a registry of its own."""

    def __init__(self, models: ModelService) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        registry.register(ModelCollector(models))
        ProcessCollector(registry=registry)
        self.requests = Counter("http_requests", "Requests answered.", ["method", "route", "status"], registry=registry)
        self.request_seconds = Histogram(
            "http_request_duration_seconds",
            "Time from a request's arrival to the end of its answer.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.reloads = Counter("model_reloads", "Models loaded and put in service here.", registry=registry)
        self.reload_failures = Counter(
            "model_reload_failures",
            "Looks at the store that failed, and versions that did not load.",
            registry=registry,
        )

    def render(self) -> bytes:
        """Give all metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class ModelCollector(Collector):
    """The model in service at the time of the scrape; nothing of a model where there is none."""

    def __init__(self, models: ModelService) -> None:
        self._models = models

    def collect(self) -> Iterator[Metric]:
        """Give the metrics."""
        state = self._models.state
        yield GaugeMetricFamily(
            "model_problem", "1 while the store's model cannot be served.", value=float(state.problem is not None)
        )
        if state.served is not None:
            yield from _model_metrics(state.served)


class RequestMetrics:
    """Middleware that counts and times every request under its route's template, never under its path."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app, self._telemetry = app, telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # Clients choose paths and methods, so that as labels either would grow without bound.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path_format", UNMATCHED)
        self._telemetry.requests.labels(method, route, str(status)).inc()
        self._telemetry.request_seconds.labels(method, route).observe(seconds)


def _model_metrics(served: ServedModel) -> Iterator[Metric]:
    model = served.model
    yield InfoMetricFamily("model", "The version in service.", value={"version": served.version})
    gauges = {
        "model_age_days": ("Days since the version in service was made.", served.age_days),
        "model_users": ("Users the model knows.", len(model.users)),
        "model_products": ("Products the model knows.", len(model.products)),
        "model_interactions": ("User-product pairs with at least one event.", model.histories.n_interactions),
        "model_sparsity": ("Share of user-product pairs without an interaction, 0 to 1.", model.sparsity),
    }
    for name, (description, value) in gauges.items():
        yield GaugeMetricFamily(name, description, value=value)
