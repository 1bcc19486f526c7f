"""A steady load on the API through its Service, from a pod inside the cluster."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.shop import Shop

_CUSTOMERS = Path(__file__).with_name("load_pod.py")


@dataclass(frozen=True)
class Counts:
    """What the customers got so far: answers by model version, and each failure in words."""

    versions: dict[str, int]
    failures: list[str]


class Load:
    """A pod `load` that asks without a break."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def counts(self) -> Counts:
        """Give the counts of the newest line."""
        lines = self._shop.kubectl("logs", "load", "--tail=1").splitlines()
        return Counts(**json.loads(lines[-1])) if lines else Counts({}, [])

    def until_served(self, version: str) -> Counts:
        """Wait until customers got answers by a version, and then for as long again as the old one may linger."""
        before = self._shop.until(lambda: self._served_by(version), f"customers are served model {version}")
        self._shop.until(lambda: self._served_by(version) > before + 300, "three hundred answers more")
        return self.counts()

    def until_more(self) -> Counts:
        """Wait for a hundred answers more, whichever version gives them."""
        before = sum(self.counts().versions.values())
        self._shop.until(lambda: sum(self.counts().versions.values()) > before + 100, "a hundred answers more")
        return self.counts()

    def _served_by(self, version: str) -> int:
        return self.counts().versions.get(version, 0)


@contextmanager
def steady_load(shop: Shop) -> Iterator[Load]:
    """Ask for as long as the context lasts."""
    shop.kubectl("apply", "--filename=-", given=json.dumps(_pod(shop)))
    load = Load(shop)
    try:
        shop.kubectl("wait", "--for=condition=Ready", "pod/load", "--timeout=60s")
        shop.until(lambda: load.counts().versions, "customers are served")
        yield load
    finally:
        shop.kubectl("delete", "pod", "load", "--now", "--wait=true")


def _pod(shop: Shop) -> dict[str, Any]:
    """Run the customers in the image of the trainer, which is there already and has a Python."""
    trainer = shop.read("cronjob", "trainer")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    container = {
        "name": "load",
        "image": trainer["containers"][0]["image"],
        "imagePullPolicy": trainer["containers"][0]["imagePullPolicy"],
        "args": ["-c", _CUSTOMERS.read_text()],
        "securityContext": trainer["containers"][0]["securityContext"],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    }
    spec = {
        "containers": [container],
        "securityContext": trainer["securityContext"],
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 1,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "load"}, "spec": spec}
