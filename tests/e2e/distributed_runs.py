"""Runs of a release's CronJob with workers: started, ended and what they said, and workers killed at work."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Final

from tests.e2e.pod_memory import Peak, PodPeaks, kill_in_pod
from tests.e2e.shop import Json, Shop

_INDEX: Final = "batch.kubernetes.io/job-completion-index"
_CALM: Final = {"DEBUG", "INFO"}
_ENDED_SECONDS: Final = 900
# Between two kills, and before the first.
_PAUSE_SECONDS: Final = (2.0, 12.0)


@dataclass(frozen=True)
class DistributedRun:
    """What came of a run: its model's content, None where it made none; the leading pod's peaks come first."""

    workers: int
    seconds: float
    content: str | None
    steps: str
    moved_bytes: int
    process_peaks: list[int]
    peaks: list[Peak]
    n_begun: int
    n_restarts: int
    troubles: list[str]


def set_workers(shop: Shop, workers: int, leading: str, limit: str) -> None:
    """Give the trainer so many workers, and the two kinds of pods their memory."""
    small = "requests.cpu=50m,{0}.requests.memory=128Mi,{0}.limits.memory={1}"
    of_worker = "trainer.distributed.resources"
    shop.upgrade(
        f"--set=trainer.distributed.workers={workers}",
        f"--set=trainer.resources.{small.format('trainer.resources', leading)}",
        f"--set={of_worker}.{small.format(of_worker, limit)}",
    )


def run_with(shop: Shop, until: datetime) -> str:
    """Start a run that publishes a model of what was known then, and puts none in service; give its Job."""
    return shop.start(environment={"RECIPE": "cosine", "AS_OF": f"{until:%Y-%m-%dT%H:%M:%SZ}"})


def ended_run(shop: Shop, job: str, workers: int, peaks: PodPeaks | None) -> DistributedRun:
    """Wait for a run's end, and read what its leading pod said."""
    leading, others = _pods_at_end(shop, job)
    newest = {_index(pod): pod["metadata"]["uid"] for pod in others}
    uids = [leading[-1]["metadata"]["uid"], *(newest[index] for index in sorted(newest))]
    logs = [_lines(shop.kubectl("logs", pod["metadata"]["name"])) for pod in leading]
    figures = sorted((line["worker"] for line in logs[-1] if "worker" in line), key=lambda one: str(one["name"]))
    return DistributedRun(
        workers,
        _seconds(leading[-1]),
        _content(logs[-1]),
        next((line["message"] for line in logs[-1] if "seconds_by_step" in line), "it did not end well"),
        sum(one["fetched_bytes"] + one["staged_bytes"] for one in [*figures, *logs[-1]] if "fetched_bytes" in one),
        [one["peak_bytes"] for one in figures],
        [(peaks and peaks.of(uid)) or Peak() for uid in uids],
        len(leading),
        len(others) - len(newest),
        [line["message"] for log in logs for line in log if line["level"] not in _CALM],
    )


def _pods_at_end(shop: Shop, job: str) -> tuple[list[Json], list[Json]]:
    """Wait for a run's end; give the pods that led it, and the workers, which may go with the run: oldest first."""
    workers = dict[str, Json]()

    def is_over() -> bool:
        workers.update({pod["metadata"]["uid"]: pod for pod in shop.pods_of(job) if _index(pod)})
        return has_ended(shop, job)

    shop.until(is_over, f"Job {job} ends", _ENDED_SECONDS)
    return [pod for pod in shop.pods_of(job) if not _index(pod)], list(workers.values())


def kill_some(shop: Shop, job: str, most: int, random: Random, say: Callable[[str], None]) -> int:
    """Kill a worker without any grace at random moments until the run ends; give how many there were."""
    killed, started = 0, time.monotonic()
    while killed < most:
        time.sleep(random.uniform(*_PAUSE_SECONDS))
        if has_ended(shop, job):
            break
        at_work = [pod for pod in shop.pods_of(job) if _index(pod) > 0 and _is_at_work(shop, pod)]
        if at_work and kill_in_pod((chosen := random.choice(at_work))["metadata"]["uid"], "worker"):
            killed += 1
            say(f"  killed a worker of index {_index(chosen)} after {time.monotonic() - started:.1f} s")
    return killed


def has_ended(shop: Shop, job: str) -> bool:
    """Whether a Job is complete, or has failed."""
    conditions = shop.read("job", job)["status"].get("conditions", [])
    return bool({"Complete", "Failed"} & {one["type"] for one in conditions})


def _is_at_work(shop: Shop, pod: Json) -> bool:
    running = any("running" in one["state"] for one in pod["status"].get("initContainerStatuses", []))
    return running and "Joined" in shop.kubectl("logs", pod["metadata"]["name"], "--container=worker")


def _index(pod: Json) -> int:
    """Give a pod's index; a Job without workers has one pod, which leads."""
    return int(pod["metadata"]["labels"].get(_INDEX, 0))


def _lines(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


def _content(said: list[dict[str, Any]]) -> str | None:
    versions = [line["version"] for line in said if line["message"].startswith("Published version")]
    return str(versions[-1]).rsplit("-", 1)[1] if versions else None


def _seconds(pod: Json) -> float:
    ended = pod["status"]["containerStatuses"][0]["state"].get("terminated")
    if ended is None:
        return float("nan")
    started, finished = (datetime.fromisoformat(ended[name]) for name in ("startedAt", "finishedAt"))
    return (finished - started).total_seconds()
