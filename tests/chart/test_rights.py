"""The chart's Roles are enough for what trainer and monitor do, as their ServiceAccounts on a real API server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.connection import connect
from cluster.errors import ClusterRefusedError
from cluster.jobs import TrainingJobs
from cluster.lease import Lease
from cluster.own_job import OwnJob
from cluster.run_certificate import RunSecret
from monitor.agreement import heal, observe_serving
from monitor.settings import MonitorSettings
from serving.cluster_replicas import ClusterReplicas
from serving.promotion import promote, roll_out
from tests.chart.helm import SHOP, Helm, joined
from tests.chart.manifests import Manifests
from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubectl import kubectl
from tests.kubernetes.fixtures import settings
from tests.kubernetes.release import Release
from tests.kubernetes.rolling import Node, RollingRelease
from tests.serving.shop import Shop, open_shop

_OF_ACCESS = {"ServiceAccount", "Role", "RoleBinding"}


@pytest.fixture
def shop(rolling_plane: ControlPlane, rolling: RollingRelease, node: Node, tmp_path: Path) -> Iterator[Shop]:
    with open_shop(rolling_plane, rolling, node, tmp_path / "store") as shop:
        yield shop


def grant(shop: Shop, plane: ControlPlane, helm: Helm, **monitor: object) -> None:
    """Make the chart's ServiceAccounts, Roles and RoleBindings in the shop's namespace."""
    values = joined(SHOP, {"monitor": monitor})
    apply_rights(plane, helm.template(values, f"--namespace={shop.release.namespace}"))


def apply_rights(plane: ControlPlane, rendered: Manifests) -> None:
    for one in rendered.objects:
        if one["kind"] in _OF_ACCESS:
            kubectl(plane.site, "apply", "--filename=-", given=json.dumps(one))


def act_as(shop: Shop, plane: ControlPlane, account: str) -> ClusterReplicas:
    kubeconfig = plane.service_account_kubeconfig(shop.release.namespace, account)
    shop.settings = shop.with_settings(kubeconfig=str(kubeconfig))
    return shop.replicas


def monitor_settings(shop: Shop, **changed: object) -> MonitorSettings:
    told = {**shop.settings.model_dump(), "store_url": shop.folder.as_uri(), **changed}
    return MonitorSettings.load(_env_file=None, **told)


def test_the_trainer_may_roll_out_roll_back_and_hold_its_lease(
    shop: Shop, rolling_plane: ControlPlane, helm: Helm
) -> None:
    grant(shop, rolling_plane, helm)
    replicas = act_as(shop, rolling_plane, "trainer")
    with Lease(replicas.connection, "trainer", "trainer-1", "trainer").held() as lease:
        promotion = promote(shop.registry, shop.new, "trainer", shop.registry.pointer_state())
        roll_out(shop.registry, replicas, promotion, (), lease.check)
        replicas.put_back(shop.old, shop.new, lease.check)
    assert replicas.deployment.pinned_versions() == {shop.old, shop.new}


def test_the_trainer_with_workers_may_keep_the_certificate_of_its_run(
    release: Release, control_plane: ControlPlane, helm: Helm
) -> None:
    values = joined(SHOP, {"trainer": {"distributed": {"workers": 2}}})
    apply_rights(control_plane, helm.template(values, f"--namespace={release.namespace}"))
    TrainingJobs(release.connection, "trainer").start("trainer-1")
    kubeconfig = control_plane.service_account_kubeconfig(release.namespace, "trainer")
    connection = connect(settings(release.namespace, kubeconfig))
    job = OwnJob.find(connection, "trainer-1")
    assert not job.is_over(connection)
    for files in ({"tls.crt": "one", "tls.key": "one"}, {"tls.crt": "two", "tls.key": "two"}):
        RunSecret(connection, "trainer-dask", job).write(files)
        assert RunSecret(connection, "trainer-dask", job).read() == files
    with pytest.raises(ClusterRefusedError, match="is forbidden"):
        RunSecret(connection, "shop-mysql", job).read()


def test_the_monitor_may_look_and_heal(shop: Shop, rolling_plane: ControlPlane, helm: Helm) -> None:
    grant(shop, rolling_plane, helm)
    act_as(shop, rolling_plane, "monitor")
    shop.registry.promote(shop.new, "ann", shop.registry.pointer_state())
    seen = observe_serving(shop.registry, monitor_settings(shop))
    assert seen
    assert (seen.trouble, seen.silent) == ("", ())
    assert f"restart with {shop.new} now" in seen.healing.healed
    assert "ServingHealed" in {event["reason"] for event in shop.release.events()}
    assert shop.agreed_on(shop.new)


def test_the_monitor_that_may_not_heal_may_look_and_no_more(
    shop: Shop, rolling_plane: ControlPlane, helm: Helm
) -> None:
    grant(shop, rolling_plane, helm, heal=False)
    replicas = act_as(shop, rolling_plane, "monitor")
    shop.registry.promote(shop.new, "ann", shop.registry.pointer_state())
    seen = observe_serving(shop.registry, monitor_settings(shop, monitor_heal=False))
    assert seen
    assert (seen.trouble, set(seen.versions.values())) == ("", {shop.old})
    with pytest.raises(ClusterRefusedError, match="is forbidden"):
        heal(shop.registry, replicas, monitor_settings(shop))
