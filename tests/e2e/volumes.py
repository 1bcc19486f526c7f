"""Volumes for the throw-away MinIO and MariaDB, made by hand where the cluster has nothing that makes them."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.shop import Json, Shop

_CLAIMS = ("minio", "mariadb")


@contextmanager
def hand_made_volumes(shop: Shop) -> Iterator[None]:
    """Have the volumes for as long as the context lasts. The node is this machine."""
    if shop.cluster.has_storage:
        yield
        return
    folder = Path(tempfile.mkdtemp(prefix="recommender-e2e-"))
    folder.chmod(0o755)
    names = [f"{shop.namespace}-{claim}" for claim in _CLAIMS]
    try:
        for claim, name in zip(_CLAIMS, names, strict=True):
            (folder / claim).mkdir()
            (folder / claim).chmod(0o777)  # of whatever user the pods are
            shop.cluster.kubectl("create", "--filename=-", given=json.dumps(_volume(shop, claim, name, folder / claim)))
        yield
    finally:
        shop.cluster.kubectl("delete", "persistentvolume", "--ignore-not-found", *names)
        shutil.rmtree(folder)


def _volume(shop: Shop, claim: str, name: str, path: Path) -> Json:
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Retain",
        "hostPath": {"path": str(path)},
        "claimRef": {"namespace": shop.namespace, "name": claim},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}
