"""Which cluster to test on: KUBECONFIG's where it is set, kind where Docker answers, else the one of tests/cluster."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.cluster.images import load_images
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


def prepared_cluster(say: Say) -> Cluster:
    """Choose a cluster, start it where it is ours, and see that it has the images. Raises PartMissingError."""
    if os.environ.get("KUBECONFIG"):
        return _of_kubeconfig(say)
    if docker_answers():
        return _on_kind(say)
    return _without_docker(say)


def _of_kubeconfig(say: Say) -> Cluster:
    kubeconfig = Path(os.environ["KUBECONFIG"])
    say(f"Using the cluster of {kubeconfig}; it must be able to pull the images (E2E_REGISTRY names their registry)")
    registry = os.environ.get("E2E_REGISTRY")
    return Cluster(kubeconfig, (f"--set=image.registry={registry}",) if registry else ())


def _on_kind(say: Say) -> Cluster:
    kubeconfig = Path(tempfile.gettempdir()) / f"{_KIND_CLUSTER}.kubeconfig"
    if _KIND_CLUSTER not in run(["kind", "get", "clusters"]).stdout.split():
        say(f"Creating kind cluster {_KIND_CLUSTER}")
        run(["kind", "create", "cluster", f"--name={_KIND_CLUSTER}", "--wait=120s"], seconds=600)
    kubeconfig.write_text(run(["kind", "get", "kubeconfig", f"--name={_KIND_CLUSTER}"]).stdout)
    build_with_docker(PRODUCT, say)
    for recipe in PRODUCT:
        run(["kind", "load", "docker-image", recipe.full_name, f"--name={_KIND_CLUSTER}"], seconds=600)
    return Cluster(kubeconfig)


def _without_docker(say: Say) -> Cluster:
    site = local_site()
    buildah = Buildah()
    archives = [build(recipe, buildah, say) for recipe in ALL]
    up(site, say)
    load_images(site, archives, say)
    return Cluster(site.kubeconfig("admin"), _WITHOUT_DOCKER, has_storage=False)
