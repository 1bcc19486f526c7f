"""How many requests replicas answered, and how many of them badly, by their own metrics; and whether that got worse."""

from dataclasses import dataclass
from typing import Final, Self

from prometheus_client.parser import text_string_to_metric_families

from cluster.replica import NoAnswerError, Replica

_METRIC: Final = "http_requests_total"
# Probes and scrapes are not customers: they thin out the failures, and a replica that is not ready yet fails them.
_NOT_CUSTOMERS: Final = frozenset({"/readyz", "/healthz", "/metrics"})
# Of fewer requests a share says nothing. With 1 % of failures all along, 4 or more of 50 come once in 600 times.
FEWEST_REQUESTS: Final = 50
# A share that is higher by more is a jump.
LARGEST_RISE: Final = 0.05


@dataclass(frozen=True)
class RequestCounts:
    """Requests of customers that were answered, and those among them that failed with a 5xx."""

    answered: float = 0
    failed: float = 0

    def __add__(self, other: Self) -> "RequestCounts":
        return RequestCounts(self.answered + other.answered, self.failed + other.failed)

    def __sub__(self, other: Self) -> "RequestCounts":
        return RequestCounts(self.answered - other.answered, self.failed - other.failed)

    @property
    def failed_share(self) -> float:
        """The share that failed, from 0 to 1; of none, 0."""
        return self.failed / self.answered if self.answered > 0 else 0.0

    def is_jump_from(self, before: "RequestCounts") -> bool:
        """Whether these are enough, and failed more often than those before by more than chance explains."""
        enough = self.answered >= FEWEST_REQUESTS
        return enough and self.failed_share > before.failed_share + LARGEST_RISE

    def __str__(self) -> str:
        return f"{self.failed:.0f} of {self.answered:.0f} requests failed"


def count_requests(replica: Replica) -> RequestCounts:
    """Count what a replica answered since it started. Raises NoAnswerError."""
    body = replica.ask("/metrics", replica.metrics_token) or b""
    try:
        return _counts(body.decode())
    except ValueError as error:
        raise NoAnswerError(f"{replica.name} does not answer /metrics in Prometheus' format: {error}") from None


def _counts(text: str) -> RequestCounts:
    counts = RequestCounts()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == _METRIC and sample.labels.get("route") not in _NOT_CUSTOMERS:
                failed = sample.value if sample.labels.get("status", "").startswith("5") else 0
                counts += RequestCounts(sample.value, failed)
    return counts
