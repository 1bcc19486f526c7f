"""A port of this machine that leads to one pod of a Service, for as long as a test needs it."""

import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tests.e2e.commands import Cluster, CommandError, program

Forwarding = subprocess.Popen[str]


@contextmanager
def port_forward(cluster: Cluster, namespace: str, target: str, port: int) -> Iterator[int]:
    """Give the port. Raises CommandError where no pod is ready behind the target."""
    forwarding = _forwarding(cluster, namespace, target, f":{port}")
    try:
        yield _port_of(forwarding, target)
    finally:
        forwarding.kill()
        forwarding.communicate()


@contextmanager
def lasting_port_forward(cluster: Cluster, namespace: str, target: str, port: int) -> Iterator[int]:
    """Give a port that leads to the next ready pod once its pod has gone, as an Ingress does."""
    first = _forwarding(cluster, namespace, target, f":{port}")
    ours, over = _port_of(first, target), threading.Event()
    again = partial(_forwarding, cluster, namespace, target, f"{ours}:{port}")
    thread = threading.Thread(target=_forward_on, args=(first, again, over))
    thread.start()
    try:
        yield ours
    finally:
        over.set()
        thread.join()


def _forward_on(forwarding: Forwarding, again: Callable[[], Forwarding], over: threading.Event) -> None:
    while not over.wait(0.2):
        if forwarding.poll() is not None:
            forwarding.communicate()
            forwarding = again()
    forwarding.kill()
    forwarding.communicate()


def _forwarding(cluster: Cluster, namespace: str, target: str, ports: str) -> Forwarding:
    command = [program("kubectl"), f"--kubeconfig={cluster.kubeconfig}", f"--namespace={namespace}", "port-forward"]
    return subprocess.Popen([*command, target, ports], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _port_of(forwarding: Forwarding, target: str) -> int:
    assert forwarding.stdout
    said = forwarding.stdout.readline()
    found = re.search(r"127\.0\.0\.1:(\d+)", said)
    if not found:
        raise CommandError(f"no way to {target}: {said.strip()}")
    return int(found[1])
