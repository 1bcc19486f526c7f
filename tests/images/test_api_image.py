"""The API's image, as a pod runs it, on a model that the trainer's image made."""

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import pytest

from tests.images.containers import Container, Image
from tests.images.shop import SHOP, Shop
from tests.parts.processes import free_port

pytestmark = pytest.mark.cluster

_SECONDS: Final = 60
# Seen are 115.5. The kernel takes 4 more, and pages of files up to 4, of the 168 (160Mi) that the chart requests.
_MOST_MEGABYTES: Final = 118
_TRAINING_LIBRARIES: Final = ("numba", "llvmlite", "scipy", "pyarrow", "connectorx", "sqlalchemy", "pymysql", "pandas")
_CONSOLE: Final = (
    "/",
    "/console/health",
    "/console/runs",
    "/console/try?product=1",
    "/console/style.css",
    "/console/assets/console.js",
)
# What the chart gives where the API may start trainings.
_IN_CLUSTER: Final = {"CLUSTER_NAMESPACE": "shop", "KUBECONFIG": "/tmp/kubeconfig", "ADMIN_TOKEN": "throw-away"}
_KUBECONFIG: Final = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:1"}}],
    "users": [{"name": "none", "user": {}}],
    "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
    "current-context": "none",
}


def test_serves_the_model_and_ends_when_told(api_image: Image, shop: Shop) -> None:
    store = api_image.place("/tmp") / "store"
    shutil.copytree(shop.image.place("/tmp") / "store", store)
    with _serving(api_image, {"STORE_URL": "file:///tmp/store"}) as (container, url):
        _use(url, shop.version)
        assert container.end("TERM") == 0


def test_serves_a_model_from_a_bucket_in_a_cluster_within_its_memory(
    api_image: Image, shop: Shop, s3_settings: dict[str, str]
) -> None:
    """The most that an API can have in memory: boto3, all pages, and the Kubernetes client once it was to train."""
    published = shop.image.run("-m", "trainer", env={**SHOP, **s3_settings})
    assert published.returncode == 0, published.stderr
    (api_image.place("/tmp") / "kubeconfig").write_text(json.dumps(_KUBECONFIG))
    with _serving(api_image, {**s3_settings, **_IN_CLUSTER}) as (container, url):
        _use(url, json.loads(_get(f"{url}/api/model"))["version"])
        with pytest.raises(urllib.error.HTTPError, match="503"):
            _retrain(url)
        assert container.own_memory() / 1e6 <= _MOST_MEGABYTES


def test_carries_no_training_libraries(api_image: Image) -> None:
    packages = next(api_image.root.glob("opt/venv/lib/python3*/site-packages"))
    assert [name for name in _TRAINING_LIBRARIES if list(packages.glob(f"{name}*"))] == []


@contextmanager
def _serving(image: Image, settings: Mapping[str, str]) -> Iterator[tuple[Container, str]]:
    """Give a container that is ready, and its address."""
    port = free_port()
    with image.running(env={"API_PORT": str(port), **settings}) as container:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}/readyz", container)
        yield container, url


def _use(url: str, version: str) -> None:
    """Ask for everything once, and for many users' lists."""
    for user in range(100):
        answer = json.loads(_get(f"{url}/api/users/{user + 1}/recommendations?k=5"))
        assert len(answer["items"]) == 5
        assert answer["model_version"] == version
    for page in (*_CONSOLE, "/docs", "/openapi.json", "/metrics", "/api/health", "/api/model", "/api/model/versions"):
        assert _get(url + page)
    assert b"<svg" in _get(f"{url}/console/versions")
    assert "Tổng quan".encode() in _get(url, {"Accept-Language": "vi"})


def _wait(url: str, container: Container) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            _get(url)
        except OSError:
            if time.monotonic() > deadline or container.process.poll() is not None:
                raise AssertionError(container.log.read_text()) from None
            time.sleep(0.05)
        else:
            return


def _retrain(url: str) -> None:
    token = {"Authorization": f"Bearer {_IN_CLUSTER['ADMIN_TOKEN']}"}
    urllib.request.urlopen(urllib.request.Request(f"{url}/api/model/retrain", method="POST", headers=token), timeout=60)


def _get(url: str, headers: Mapping[str, str] | None = None) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=10) as answer:
        content: bytes = answer.read()
    return content
