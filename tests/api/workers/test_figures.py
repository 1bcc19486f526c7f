"""The figures of several workers as one's."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from api.workers.figures import WorkerFigures, as_text, joined, understood


class Worker:
    """A worker that counts, with the library's own metrics."""

    def __init__(self, number: int, folder: Path) -> None:
        self._registry = CollectorRegistry()
        self.asked = Counter("asked", "Requests.", ["model_version"], registry=self._registry)
        self.seconds = Histogram("seconds", "Times.", buckets=(0.1, 1), registry=self._registry)
        self.problem = Gauge("model_problem", "1 for a problem.", registry=self._registry)
        self.users = Gauge("model_users", "Users.", registry=self._registry)
        self.memory = Gauge("process_memory", "Bytes.", registry=self._registry)
        self.figures = WorkerFigures(self._collect, number, folder / f"figures {number}.json")

    def _collect(self) -> Iterable[Metric]:
        return self._registry.collect()


def told(*workers: Worker) -> dict[str, float]:
    """What /metrics says, but for when each count began."""
    text = as_text(joined([understood(worker.figures.tell()) for worker in workers])).decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for sample in samples
        if not sample.name.endswith("_created")
    }


def test_counts_are_summed_and_gauges_are_those_of_who_is_asked(tmp_path: Path) -> None:
    one, other = Worker(1, tmp_path), Worker(2, tmp_path)
    one.asked.labels("a").inc(3)
    other.asked.labels("a").inc(4)
    other.asked.labels("b").inc(5)
    one.seconds.observe(0.05)
    other.seconds.observe(0.5)
    one.users.set(7)
    other.users.set(8)
    one.memory.set(9)
    other.memory.set(10)
    assert told(one, other) == {
        "asked_total a": 7,
        "asked_total b": 5,
        "seconds_bucket 0.1": 1,
        "seconds_bucket 1.0": 2,
        "seconds_bucket +Inf": 2,
        "seconds_count": 2,
        "seconds_sum": 0.55,
        "model_problem": 0,
        "model_users": 7,
        "process_memory 1": 9,
        "process_memory 2": 10,
    }


def test_a_problem_of_one_worker_is_the_pod_s(tmp_path: Path) -> None:
    one, other = Worker(1, tmp_path), Worker(2, tmp_path)
    other.problem.set(1)
    assert told(one, other)["model_problem"] == told(other, one)["model_problem"] == 1


def test_counts_go_on_in_a_worker_s_successor_and_gauges_do_not(tmp_path: Path) -> None:
    for _ in range(3):
        worker = Worker(1, tmp_path)
        worker.asked.labels("a").inc(2)
        worker.users.set(7)
        worker.memory.set(9)
        before = told(worker)
    assert before["asked_total a"] == 6
    successor = told(Worker(1, tmp_path))
    assert successor["asked_total a"] == 6
    assert (successor["model_users"], successor["process_memory 1"]) == (0, 0)


def test_a_count_began_when_the_first_worker_began_it(tmp_path: Path) -> None:
    one, other = Worker(1, tmp_path), Worker(2, tmp_path)
    one.asked.labels("a").inc()
    other.asked.labels("a").inc()
    began = [
        {sample.value for family in found for sample in family.samples if sample.name == "asked_created"}
        for found in (understood(one.figures.tell()), joined([understood(w.figures.tell()) for w in (other, one)]))
    ]
    assert began[0] == began[1]


def test_what_is_written_down_does_not_grow_with_versions(tmp_path: Path) -> None:
    for number in range(100):
        worker = Worker(1, tmp_path)
        worker.asked.labels("").inc()
        worker.asked.labels(f"{number:03}").inc()
        worker.figures.tell()
    found = told(Worker(1, tmp_path))
    assert sorted(name for name in found if name.startswith("asked")) == [
        "asked_total ",
        *(f"asked_total {number:03}" for number in range(92, 100)),
    ]
    assert found["asked_total "] == 100
