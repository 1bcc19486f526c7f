"""The metrics of a pod: those of all its workers as one, for /metrics, which one of them is asked.

prometheus_client's multiprocess mode does not do: it knows its own counters alone, and none that are collected when
they are scraped, as requests are here; and it keeps a file for each process that ever was. So workers are asked.

Counters and histograms are summed. As Prometheus takes a counter that falls for one that began anew, what a worker
counted outlives it: before it tells a figure it writes it down, and the one in its place counts on from there.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from pydantic import TypeAdapter

_SUMMED: Final = frozenset({"counter", "histogram"})
_CREATED: Final = "_created"
_PROCESS: Final = "process_"
_WORST: Final = "model_problem"
_VERSION: Final = "model_version"
# Of how many versions a worker's predecessors are counted: more than one tells apart at a time.
_KEPT_VERSIONS: Final = 8


@dataclass(frozen=True)
class Sample:
    """A line of /metrics."""

    name: str
    labels: dict[str, str]
    value: float

    @property
    def series(self) -> tuple[str, ...]:
        """What tells it from others."""
        return self.name, *sorted(f"{name}={value}" for name, value in self.labels.items())


@dataclass(frozen=True)
class Family:
    """A metric with all its lines."""

    name: str
    text: str
    kind: str
    samples: list[Sample]

    def joined(self, other: "Family") -> "Family":
        """Give one family of both; of what is no count, this one's lines hold."""
        lines = {sample.series: sample for sample in self.samples}
        for sample in other.samples:
            mine = lines.get(sample.series)
            lines[sample.series] = sample if mine is None else replace(mine, value=self._of(mine, sample.value))
        return replace(self, samples=list(lines.values()))

    def _of(self, mine: Sample, other: float) -> float:
        if mine.name.endswith(_CREATED):
            return min(mine.value, other)
        if self.kind in _SUMMED:
            return mine.value + other
        return max(mine.value, other) if mine.name == _WORST else mine.value


Families = list[Family]
_FAMILIES: Final = TypeAdapter(Families)


class WorkerFigures:
    """What one worker counted, and those before it in its place."""

    def __init__(self, collect: Callable[[], Iterable[Metric]], number: int, file: Path) -> None:
        self._collect, self._number, self._file = collect, number, file
        self._before = read(file)

    def tell(self) -> list[dict[str, Any]]:
        """Give all figures as JSON has them, once they are written down that are to outlive this process."""
        families = joined([_families(self._collect(), self._number), self._before])
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps([asdict(one) for one in _counts(families)]))
        beside.replace(self._file)
        return [asdict(one) for one in families]


def read(file: Path) -> Families:
    """Give what a worker had counted when it was last asked; nothing where it never was."""
    try:
        return _FAMILIES.validate_json(file.read_bytes())
    except FileNotFoundError:
        return []


def understood(told: object) -> Families:
    """Read what a worker told."""
    return _FAMILIES.validate_python(told)


def joined(workers: Sequence[Families]) -> Families:
    """Give the figures of several workers as one's; the first is the one that is asked."""
    found: dict[str, Family] = {}
    for family in (family for families in workers for family in families):
        found[family.name] = found[family.name].joined(family) if family.name in found else family
    return list(found.values())


def as_text(families: Families) -> bytes:
    """Give the figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Told(families))
    return generate_latest(registry)


class _Told(Collector):
    """Figures as the library wants them."""

    def __init__(self, families: Families) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            metric = Metric(family.name, family.text, family.kind)
            for sample in family.samples:
                metric.add_sample(sample.name, sample.labels, sample.value)
            yield metric


def _families(metrics: Iterable[Metric], number: int) -> Families:
    return [
        Family(
            metric.name,
            metric.documentation,
            metric.type,
            [Sample(one.name, _labels(one.name, one.labels, number), float(one.value)) for one in metric.samples],
        )
        for metric in metrics
    ]


def _labels(name: str, labels: dict[str, str], number: int) -> dict[str, str]:
    """Give a line's labels: of figures of the process, which cannot be one of several, its worker too."""
    return {**labels, "worker": str(number)} if name.startswith(_PROCESS) else labels


def _counts(families: Families) -> Families:
    """Keep what is to outlive a worker: no gauges, nothing of its process, and not every version that ever was."""
    kept = [one for one in families if one.kind in _SUMMED and not one.name.startswith(_PROCESS)]
    versions = {sample.labels.get(_VERSION, "") for one in kept for sample in one.samples}
    dropped = set(sorted(versions)[:-_KEPT_VERSIONS]) - {""}
    return [replace(one, samples=[s for s in one.samples if s.labels.get(_VERSION) not in dropped]) for one in kept]
