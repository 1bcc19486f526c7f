"""Prometheus metrics of requests and of the lists they were answered with, by route and by model.

Plain numbers, which only the event loop adds to: prometheus_client's own counters take 2 µs for an addition, and 5 µs
to find the one for some labels. They become metrics when they are scraped.
"""

import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from api.exchanges import Exchange

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_LENGTHS: Final = (0, 1, 5, 10, 20, 50, 100)
# A server that follows current.json may see versions without end. Requests under way during a swap are the last ones of
# the version before; whoever compares two scrapes, as a rollout does, may see both.
_KEPT_VERSIONS: Final = 3
_NO_MODEL: Final = ""
_EARLIER: Final = "earlier"


class Tally:
    """How often something happened, and a histogram of how long it took or how large it was."""

    __slots__ = ("bounds", "counts", "created", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds, self.created = bounds, time.time()
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def include(self, other: "Tally") -> None:
        """Count all that another counted."""
        self.counts = [mine + others for mine, others in zip(self.counts, other.counts, strict=True)]
        self.total += other.total
        self.created = min(self.created, other.created)

    def buckets(self) -> list[tuple[str, float]]:
        """Give how many were at most each bound."""
        found, so_far = [], 0
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            so_far += count
            found.append((str(floatToGoString(bound)), float(so_far)))  # type: ignore[no-untyped-call]
        return found


Tallies = dict[tuple[str, ...], Tally]  # by the values of labels


class VersionFigures:
    """What one version answered: requests by method, route and status, and lists by route and source."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, str, str], Tally] = {}
        self.lists: dict[tuple[str, str], Tally] = {}

    def note(self, exchange: Exchange) -> None:
        """Count a request, and the list that it was answered with."""
        route = exchange.route
        answered = (_method_of(exchange), route, str(exchange.status))
        found = self.requests.get(answered) or self.requests.setdefault(answered, Tally(_SECONDS))
        found.add(exchange.seconds)
        if exchange.source:
            given = (route, exchange.source)
            (self.lists.get(given) or self.lists.setdefault(given, Tally(_LENGTHS))).add(exchange.n_products)


class RequestFigures(Collector):
    """Counts and times every request under its route's template, and what its list was made of."""

    def __init__(self) -> None:
        self._versions = {_NO_MODEL: VersionFigures(), _EARLIER: VersionFigures()}

    def note(self, exchange: Exchange) -> None:
        """Count a request for the model that answered it; the versions no longer told apart are one."""
        version = exchange.model_version
        (self._versions.get(version) or self._versions[_EARLIER]).note(exchange)

    def tell_apart(self, version: str) -> None:
        """Count a version that goes in service apart, and drop what the oldest one answered."""
        figures = self._versions.pop(version, None) or VersionFigures()
        kept = [name for name in self._versions if name not in {_NO_MODEL, _EARLIER}]
        for name in kept[: len(kept) + 1 - _KEPT_VERSIONS]:
            del self._versions[name]
        self._versions[version] = figures

    def collect(self) -> Iterator[Metric]:
        """Give the metrics."""
        versions = dict(self._versions).items()  # a copy: another thread swaps models
        requests: Tallies = {(*key, name): tally for name, one in versions for key, tally in one.requests.items()}
        lists: Tallies = {(*key, name): tally for name, one in versions for key, tally in one.lists.items()}
        labels = ["method", "route", "status", "model_version"]
        yield _counter("http_requests", "Requests answered.", labels, requests)
        yield _histogram(
            "http_request_duration_seconds",
            "Time from a request's arrival to the end of its answer.",
            ["method", "route", "model_version"],
            _summed(((method, route, version), tally) for (method, route, _, version), tally in requests.items()),
        )
        labels = ["route", "source", "model_version"]
        yield _counter("recommendation_lists", "Lists given, by where their products came from.", labels, lists)
        yield _histogram("recommendation_list_products", "Products in a list.", labels, lists)


def _method_of(exchange: Exchange) -> str:
    """Give the method's label. What a route does not take is all one: whoever tries every method makes no series."""
    return "other" if exchange.status == HTTPStatus.METHOD_NOT_ALLOWED else exchange.method


def _summed(tallies: Iterable[tuple[tuple[str, ...], Tally]]) -> Tallies:
    """Add up the tallies that have the same labels."""
    sums: Tallies = {}
    for labels, tally in tallies:
        sums.setdefault(labels, Tally(tally.bounds)).include(tally)
    return sums


def _counter(name: str, text: str, labels: list[str], tallies: Tallies) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, tally in tallies.items():
        family.add_metric(values, sum(tally.counts), created=tally.created)
    return family


def _histogram(name: str, text: str, labels: list[str], tallies: Tallies) -> Metric:
    family = HistogramMetricFamily(name, text, labels=labels)
    for values, tally in tallies.items():
        family.add_metric(values, tally.buckets(), tally.total)
        family.add_sample(f"{name}_created", dict(zip(labels, values, strict=True)), tally.created)
    return family
