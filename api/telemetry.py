"""Prometheus metrics: of the model in service when they are scraped, its health, reloads, and requests."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from api.health_figures import HealthFigures
from api.request_figures import RequestFigures
from api.served_model import ModelService, ServedModel
from model.figures import Figures
from registry.objects import ObjectStore


class Telemetry:
    """The metrics of one application, in a registry of its own."""

    def __init__(self, models: ModelService, store: ObjectStore) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        registry.register(ModelCollector(models))
        self.health = HealthFigures(store)
        registry.register(self.health)
        ProcessCollector(registry=registry)
        self.requests = RequestFigures()
        registry.register(self.requests)
        self._reloads = Counter("model_reloads", "Models loaded and put in service here.", registry=registry)
        self.reload_failures = Counter(
            "model_reload_failures",
            "Looks at the store that failed, and versions that did not load.",
            registry=registry,
        )

    def loaded(self, version: str) -> None:
        """Note that a version was loaded and goes in service."""
        self._reloads.inc()
        self.requests.tell_apart(version)

    def collect(self) -> Iterable[Metric]:
        """Give all metrics."""
        return self._registry.collect()

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


def _model_metrics(served: ServedModel) -> Iterator[Metric]:
    figures = Figures.as_trained(served.model, served.manifest.metrics)
    yield InfoMetricFamily("model", "The version in service.", value={"version": served.version})
    gauges = {
        "model_age_days": ("Days since the version in service was made.", served.age_days),
        "model_users": ("Users the model was trained on.", figures.n_users),
        "model_products": ("Products the model knows.", figures.n_products),
        "model_interactions": ("User-product pairs with at least one event.", figures.n_interactions),
        "model_sparsity": ("Share of user-product pairs without an interaction, 0 to 1.", figures.sparsity),
    }
    for name, (description, value) in gauges.items():
        family = GaugeMetricFamily(name, description, labels=["model_version"])
        family.add_metric([served.version], value)
        yield family
