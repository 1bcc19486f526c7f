"""Which cluster to test on: KUBECONFIG's where it is set, kind where Docker answers, else the one of tests/cluster."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from tests.cluster.down import down
from tests.cluster.images import load_images
from tests.cluster.readiness import is_up
from tests.cluster.site import local_site
from tests.cluster.up import up
from tests.e2e.commands import Cluster, run
from tests.images.build import build
from tests.images.buildah import Buildah
from tests.images.docker import build_with_docker, docker_answers
from tests.images.recipes import ALL, PRODUCT

_KIND_CLUSTER: Final = "recommender-e2e"
# Its MinIO and MariaDB keep what they hold, in volumes made by hand: tests stop them and start them again.
_WITHOUT_DOCKER: Final = (
    f"--values={Path(__file__).parents[1] / 'cluster' / 'values.yaml'}",
    "--set=local.persistence.enabled=true",
)
Say = Callable[[str], None]


def prepared_cluster(say: Say) -> AbstractContextManager[Cluster]:
    """Choose a cluster, and see that it has the images; one that was started for this goes with the context.

    Raises PartMissingError.
    """
    if os.environ.get("KUBECONFIG"):
        return _of_kubeconfig(say)
    if docker_answers():
        return _on_kind(say)
    return _without_docker(say)


@contextmanager
def _of_kubeconfig(say: Say) -> Iterator[Cluster]:
    kubeconfig = Path(os.environ["KUBECONFIG"])
    say(f"Using the cluster of {kubeconfig}; it must be able to pull the images (E2E_REGISTRY names their registry)")
    registry = os.environ.get("E2E_REGISTRY")
    yield Cluster(kubeconfig, (f"--set=image.registry={registry}",) if registry else ())


@contextmanager
def _on_kind(say: Say) -> Iterator[Cluster]:
    build_with_docker(PRODUCT, say)
    was_there = _KIND_CLUSTER in _kind("get", "clusters").split()
    if not was_there:
        say(f"Creating kind cluster {_KIND_CLUSTER}")
        _kind("create", "cluster", f"--name={_KIND_CLUSTER}", "--wait=120s")
    try:
        _kind("load", "docker-image", *(recipe.full_name for recipe in PRODUCT), f"--name={_KIND_CLUSTER}")
        kubeconfig = Path(tempfile.gettempdir()) / f"{_KIND_CLUSTER}.kubeconfig"
        kubeconfig.write_text(_kind("get", "kubeconfig", f"--name={_KIND_CLUSTER}"))
        yield Cluster(kubeconfig)
    finally:
        if not was_there:
            _kind("delete", "cluster", f"--name={_KIND_CLUSTER}")


@contextmanager
def _without_docker(say: Say) -> Iterator[Cluster]:
    site, buildah = local_site(), Buildah()
    archives = [build(recipe, buildah, say) for recipe in ALL]
    was_up = is_up(site)
    up(site, say)
    try:
        load_images(site, archives, say)
        yield Cluster(site.kubeconfig("admin"), _WITHOUT_DOCKER, has_storage=False)
    finally:
        if not was_up:
            down(site, say, purge=False)


def _kind(*arguments: str) -> str:
    return run(["kind", *arguments], seconds=600).stdout
