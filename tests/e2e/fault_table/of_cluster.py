"""Faults of what runs in the cluster: the CronJob, the replicas, their rollout, and the monitor's rights."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.e2e.fault_table.of_store import damaged_model, previous_version
from tests.e2e.shop import Json, Shop

_STRAY: Final = "stray"
_GIVEN_BY_SERVER: Final = ("uid", "resourceVersion", "creationTimestamp", "managedFields")
_PROBES: Final = ("startupProbe", "readinessProbe", "livenessProbe", "lifecycle")


@contextmanager
def suspended(shop: Shop) -> Iterator[None]:
    """Have the trainer's CronJob suspended."""
    _patch(shop, "cronjob", "trainer", {"spec": {"suspend": True}})
    try:
        yield
    finally:
        _patch(shop, "cronjob", "trainer", {"spec": {"suspend": False}})


@contextmanager
def nights_without_a_run(shop: Shop) -> Iterator[None]:
    """Have a CronJob that started nothing for two days, and whose next time is far: the control plane was away."""
    before = shop.read("cronjob", "trainer")
    now = datetime.now(UTC)
    last = (now - timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    _patch(shop, "cronjob", "trainer", {"spec": {"schedule": f"0 {(now.hour + 12) % 24} * * *"}})
    _set_last_schedule(shop, f"{last:%Y-%m-%dT%H:%M:%SZ}")
    try:
        yield
    finally:
        _patch(shop, "cronjob", "trainer", {"spec": {"schedule": before["spec"]["schedule"]}})
        _set_last_schedule(shop, before["status"].get("lastScheduleTime"))


@contextmanager
def without_rights(shop: Shop) -> Iterator[None]:
    """Have a monitor whose RoleBinding somebody removed."""
    binding = shop.read("rolebinding", "monitor")
    for name in _GIVEN_BY_SERVER:
        binding["metadata"].pop(name, None)
    shop.kubectl("delete", "rolebinding", "monitor")
    try:
        yield
    finally:
        shop.kubectl("create", "--filename=-", given=json.dumps(binding))


@contextmanager
def silent_replica(shop: Shop) -> Iterator[None]:
    """Have a replica that is ready, and behind whose port nobody listens."""
    with _stray_replica(shop, {"args": ["-c", "import time; time.sleep(3600)"], **dict.fromkeys(_PROBES)}):
        yield


@contextmanager
def replica_of_the_version_before(shop: Shop) -> Iterator[None]:
    """Have a replica whose MODEL_VERSION somebody set by hand: it serves customers the version before."""
    with _stray_replica(shop, {}, MODEL_VERSION=previous_version(shop)):
        yield


@contextmanager
def replica_that_cannot_load(shop: Shop) -> Iterator[None]:
    """Have a damaged artifact, and a replica that is replaced while it is so."""
    with damaged_model(shop):
        shop.kubectl("delete", "pod", shop.replicas()[0]["metadata"]["name"], "--wait=false")
        shop.until(lambda: _unready(shop), "the replica is replaced")
        yield
    shop.until(lambda: not _unready(shop), "all replicas are ready")


def has_waited_a_minute(shop: Shop) -> None:
    """Wait until a replica has not been ready for longer than the monitor lets one start."""
    created = min(datetime.fromisoformat(pod["metadata"]["creationTimestamp"]) for pod in _unready(shop))
    shop.until(lambda: datetime.now(UTC) - created > timedelta(seconds=65), "a minute has passed", seconds=90)


@contextmanager
def rollout_that_hangs(shop: Shop) -> Iterator[None]:
    """Have a rollout whose new replica ends as soon as it begins, until the Deployment's controller gives up."""
    before = shop.read("deployment", "api")["spec"]
    args = before["template"]["spec"]["containers"][0]["args"]
    _patch_rollout(shop, 3, ["-m", "nothing"])
    try:
        shop.until(lambda: "ProgressDeadlineExceeded" in _progress(shop), "the rollout comes to a halt")
        yield
    finally:
        _patch_rollout(shop, before["progressDeadlineSeconds"], args)
        shop.wait_for_rollout()


@contextmanager
def store_down(shop: Shop) -> Iterator[None]:
    """Have no MinIO."""
    shop.scale("minio", 0)
    try:
        yield
    finally:
        shop.scale("minio", 1)


@contextmanager
def _stray_replica(shop: Shop, changed: Json, **environment: str) -> Iterator[None]:
    """Have a pod of the API's that no ReplicaSet made, once it is ready."""
    template = shop.read("deployment", "api")["spec"]["template"]
    container = template["spec"]["containers"][0] | changed
    kept = [entry for entry in container["env"] if entry["name"] not in environment]
    container["env"] = [*kept, *({"name": name, "value": value} for name, value in environment.items())]
    metadata = {"name": _STRAY, "labels": template["metadata"]["labels"]}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {**template["spec"], "containers": [container]},
    }
    shop.kubectl("create", "--filename=-", given=json.dumps(pod))
    try:
        shop.kubectl("wait", "--for=condition=Ready", f"pod/{_STRAY}", "--timeout=60s")
        yield
    finally:
        shop.kubectl("delete", "pod", _STRAY, "--now", "--wait=true")


def _unready(shop: Shop) -> list[Json]:
    return [pod for pod in shop.replicas() if not _is_ready(pod)]


def _is_ready(pod: Json) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def _progress(shop: Shop) -> set[str]:
    return {one["reason"] for one in shop.read("deployment", "api")["status"]["conditions"]}


def _patch_rollout(shop: Shop, deadline_seconds: int, args: list[str]) -> None:
    operations = [
        {"op": "replace", "path": "/spec/progressDeadlineSeconds", "value": deadline_seconds},
        {"op": "replace", "path": "/spec/template/spec/containers/0/args", "value": args},
    ]
    shop.kubectl("patch", "deployment", "api", "--type=json", f"--patch={json.dumps(operations)}")


def _set_last_schedule(shop: Shop, at: str | None) -> None:
    _patch(shop, "cronjob", "trainer", {"status": {"lastScheduleTime": at}}, "--subresource=status")


def _patch(shop: Shop, kind: str, name: str, patch: dict[str, Any], *options: str) -> None:
    shop.kubectl("patch", kind, name, "--type=merge", f"--patch={json.dumps(patch)}", *options)
