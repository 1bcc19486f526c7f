"""A port of this machine that leads to one pod of a Service, for as long as a test needs it."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.commands import Cluster, CommandError, program


@contextmanager
def port_forward(cluster: Cluster, namespace: str, target: str, port: int) -> Iterator[int]:
    """Give the port. Raises CommandError where no pod is ready behind the target."""
    command = [program("kubectl"), f"--kubeconfig={cluster.kubeconfig}", f"--namespace={namespace}", "port-forward"]
    forwarding = subprocess.Popen(
        [*command, target, f":{port}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield _port_of(forwarding, target)
    finally:
        forwarding.kill()
        forwarding.communicate()


def _port_of(forwarding: "subprocess.Popen[str]", target: str) -> int:
    assert forwarding.stdout
    said = forwarding.stdout.readline()
    found = re.search(r"127\.0\.0\.1:(\d+)", said)
    if not found:
        raise CommandError(f"no way to {target}: {said.strip()}")
    return int(found[1])
