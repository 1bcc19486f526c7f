"""The API server of `make test` is a real one: it obeys RBAC and Pod Security, and goes with its session."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane, running_control_plane
from tests.cluster.errors import ClusterError
from tests.cluster.kubectl import kubectl
from tests.parts.missing import PartMissingError

READER = ("--verb=get,list", "--resource=pods")
SESSION = """
import sys
from tests.cluster.control_plane import running_control_plane
with running_control_plane() as plane:
    print(plane.site.folder, flush=True)
    sys.stdin.read()
"""


def grant(plane: ControlPlane, namespace: str, account: str) -> None:
    """Let a service account read the pods of its namespace."""
    kubectl(plane.site, "create", "role", "reader", *READER, f"--namespace={namespace}")
    whom = f"--serviceaccount={namespace}:{account}"
    kubectl(plane.site, "create", "rolebinding", "reader", "--role=reader", whom, f"--namespace={namespace}")


def kubectl_as(plane: ControlPlane, namespace: str, account: str, *arguments: str) -> str:
    """Ask with nothing but a service account's token."""
    kubeconfig = plane.service_account_kubeconfig(namespace, account)
    return kubectl(plane.site, *arguments, user=kubeconfig.stem)


def processes_of(folder: Path) -> list[str]:
    """Give the processes whose command line names something below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"{folder}/".encode() in (process / "cmdline").read_bytes():
                found.append(process.name)
    return found


def wait_until_gone(folder: Path, seconds: float = 20) -> list[str]:
    deadline = time.monotonic() + seconds
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def pod(**security: object) -> str:
    container = {"name": "one", "image": "none", "securityContext": security}
    described = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": {"containers": [container]}}
    return json.dumps(described)


def test_service_account_may_do_nothing_until_a_role_lets_it(control_plane: ControlPlane, namespace: str) -> None:
    with pytest.raises(ClusterError, match=f"User .*{namespace}:default.* cannot list resource"):
        kubectl_as(control_plane, namespace, "default", "get", "pods")
    grant(control_plane, namespace, "default")
    assert kubectl_as(control_plane, namespace, "default", "get", "pods", "--output=name") == ""


def test_role_ends_at_its_namespace(control_plane: ControlPlane, namespace: str) -> None:
    grant(control_plane, namespace, "default")
    elsewhere = control_plane.new_namespace()
    with pytest.raises(ClusterError, match=f'cannot list resource "pods" .* in the namespace "{elsewhere}"'):
        kubectl_as(control_plane, namespace, "default", "get", "pods", f"--namespace={elsewhere}")


def test_wrong_token_is_nobody(control_plane: ControlPlane, namespace: str) -> None:
    control_plane.create_service_account(namespace, "trainer")
    kubeconfig = control_plane.service_account_kubeconfig(namespace, "trainer")
    kubeconfig.write_text(kubeconfig.read_text().replace('"token": "ey', '"token": "xx'))
    with pytest.raises(ClusterError, match=r"Unauthorized|logged in"):
        kubectl(control_plane.site, "get", "pods", user=kubeconfig.stem)


def test_restricted_namespace_refuses_a_pod_that_may_become_root(control_plane: ControlPlane) -> None:
    restricted = control_plane.new_namespace({"pod-security.kubernetes.io/enforce": "restricted"})
    with pytest.raises(ClusterError, match="violates PodSecurity"):
        kubectl(control_plane.site, "create", "--filename=-", f"--namespace={restricted}", given=pod())
    secure = pod(
        allowPrivilegeEscalation=False,
        capabilities={"drop": ["ALL"]},
        runAsNonRoot=True,
        seccompProfile={"type": "RuntimeDefault"},
    )
    kubectl(control_plane.site, "create", "--filename=-", f"--namespace={restricted}", given=secure)


@pytest.mark.usefixtures("control_plane")  # skips where it cannot be had
def test_controllers_that_are_asked_for_do_their_work_and_go_with_the_context() -> None:
    with running_control_plane(["job-controller"]) as plane:
        namespace = plane.new_namespace()
        kubectl(plane.site, "create", "job", "train", "--image=none", f"--namespace={namespace}")
        made = ("get", "pods", "--output=name", f"--namespace={namespace}", "--selector=job-name=train")
        deadline = time.monotonic() + 20
        while not (pods := kubectl(plane.site, *made)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert pods.startswith("pod/train-")
        assert len(processes_of(plane.site.folder)) == 3
    assert processes_of(plane.site.folder) == []
    assert not plane.site.folder.exists()


@pytest.fixture
def session() -> Iterator["subprocess.Popen[str]"]:
    """Give a process that runs a control plane and has told its folder's name in its first line."""
    command = [sys.executable, "-c", SESSION]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.usefixtures("control_plane")
def test_control_plane_goes_with_a_session_that_is_killed(session: "subprocess.Popen[str]") -> None:
    assert session.stdout
    folder = Path(session.stdout.readline().strip())
    assert len(processes_of(folder)) == 2
    os.kill(session.pid, signal.SIGKILL)
    assert wait_until_gone(folder) == []
    shutil.rmtree(folder)


def test_machine_without_go_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda name, **_: None if name == "go" else f"/usr/bin/{name}")
    with pytest.raises(PartMissingError, match="etcd is not built and Go is not installed"), running_control_plane():
        pass
