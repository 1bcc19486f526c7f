"""What runs in the cluster is treated as elsewhere: found by name, measured, limited, and open to whoever looks."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.second_cluster import SecondCluster, eventually
from tests.cluster.small_images import BUSYBOX_IMAGE, write_busybox_image

pytestmark = pytest.mark.cluster

NAMESPACE = "workloads"
SERVE_OWN_NAME = ("httpd", "-f", "-p", "8080", "-h", "/etc")
SECURE = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod(name: str, *command: str, memory: str = "64Mi") -> str:
    container = {
        "name": "one",
        "image": BUSYBOX_IMAGE,
        "command": list(command),
        "resources": {"limits": {"memory": memory}},
        "securityContext": SECURE,
    }
    metadata = {"name": name, "namespace": NAMESPACE, "labels": {"app": name}}
    spec = {"containers": [container], "restartPolicy": "Never", "terminationGracePeriodSeconds": 1}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


@pytest.fixture(scope="module")
def web(place: SecondCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondCluster]:
    """Give a cluster with a pod `web`, in a namespace that enforces Pod Security, behind a Service on a node port."""
    place.command("up")
    archive = tmp_path_factory.mktemp("images") / "busybox.tar"
    write_busybox_image(archive)
    place.command("load", str(archive))
    place.kubectl("create", "namespace", NAMESPACE)
    place.kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
    place.kubectl("apply", "--filename=-", given=pod("web", *SERVE_OWN_NAME))
    in_namespace(place, "expose", "pod/web", "--port=80", "--target-port=8080", "--type=NodePort")
    in_namespace(place, "wait", "--for=condition=Ready", "pod/web", "--timeout=60s")
    yield place
    place.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def in_namespace(cluster: SecondCluster, *words: str) -> str:
    return cluster.kubectl(f"--namespace={NAMESPACE}", *words)


def field(cluster: SecondCluster, what: str, path: str) -> str:
    return in_namespace(cluster, "get", what, f"--output=jsonpath={{{path}}}")


def get(cluster: SecondCluster, url: str) -> str:
    """Ask from the host, where curl need not be installed."""
    return cluster.inside("busybox", "wget", "-qO-", url)


def test_pod_is_reached_by_its_services_name_address_and_node_port(web: SecondCluster) -> None:
    address, port = field(web, "service/web", ".spec.clusterIP"), field(web, "service/web", ".spec.ports[0].nodePort")
    eventually("web", lambda: get(web, f"http://{address}/hostname"))
    assert get(web, f"http://{web.site.host}:{port}/hostname") == "web\n"
    asking = ("wget", "-qO-", f"http://web.{NAMESPACE}.svc.cluster.local/hostname")
    web.kubectl("apply", "--filename=-", given=pod("client", *asking))
    in_namespace(web, "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/client", "--timeout=60s")
    assert in_namespace(web, "logs", "client") == "web\n"


def test_pod_is_open_to_exec_debug_and_port_forward(web: SecondCluster) -> None:
    assert in_namespace(web, "exec", "web", "--", "hostname") == "web\n"
    looking = ("--profile=restricted", f"--image={BUSYBOX_IMAGE}", "--container=look", "--", "hostname")
    in_namespace(web, "debug", "web", *looking)
    looked = "{.status.ephemeralContainerStatuses[0].state.terminated.reason}=Completed"
    in_namespace(web, "wait", f"--for=jsonpath={looked}", "pod/web", "--timeout=60s")
    assert in_namespace(web, "logs", "web", "--container=look") == "web\n"
    forwarding = web.start_kubectl(f"--namespace={NAMESPACE}", "port-forward", "pod/web", ":8080")
    assert forwarding.stdout
    found = re.search(r"127.0.0.1:(\d+)", forwarding.stdout.readline())
    assert found
    assert get(web, f"http://127.0.0.1:{found[1]}/hostname") == "web\n"
    forwarding.kill()
    forwarding.communicate()


def test_pod_that_takes_more_than_its_limit_is_killed_and_says_why(web: SecondCluster) -> None:
    web.kubectl("apply", "--filename=-", given=pod("hungry", "tail", "/dev/zero", memory="32Mi"))
    in_namespace(web, "wait", "--for=jsonpath={.status.phase}=Failed", "pod/hungry", "--timeout=60s")
    ended = json.loads(field(web, "pod/hungry", ".status.containerStatuses[0].state.terminated"))
    assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)


def test_pods_memory_is_measured(web: SecondCluster) -> None:
    in_namespace(web, "wait", "--for=condition=Ready", "pod/web", "--timeout=60s")
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{NAMESPACE}/pods"
    eventually('"memory":"', lambda: web.kubectl("get", "--raw", path))


def test_load_takes_an_image_once(cluster: SecondCluster, tmp_path: Path) -> None:
    archive = tmp_path / "busybox.tar"
    write_busybox_image(archive)
    cluster.command("load", str(archive))
    assert "is there already" in cluster.command("load", str(archive))
