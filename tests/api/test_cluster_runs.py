"""In a cluster: retrain makes a Job, its URL tells how the Job goes, a rollback restarts the Deployment."""

import json
from pathlib import Path

import pytest

from cluster.pin import PIN
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, ThreadServer
from tests.builders import a_model, integer_ids, publish
from tests.cluster.control_plane import ControlPlane
from tests.kubernetes.release import Release


@pytest.fixture
def api(serve: Serve, release: Release, control_plane: ControlPlane) -> ThreadServer:
    """A replica of the release's API."""
    return serve(cluster_namespace=release.namespace, kubeconfig=str(control_plane.admin))


def test_retrain_makes_a_job_and_says_where_to_ask(api: ThreadServer, release: Release) -> None:
    answer = api.client.post("/api/model/retrain", headers=ADMIN)
    started = answer.json()
    assert answer.status_code == 202
    assert release.jobs() == [started["run_id"]]
    assert answer.headers["Location"] == started["url"] == f"/api/model/runs/{started['run_id']}"
    run = api.client.get(started["url"], headers=ADMIN).json()
    assert (run["state"], run["finished_at"], run["outcome"]) == ("running", None, None)


def test_run_that_ended_tells_its_outcome(api: ThreadServer, release: Release) -> None:
    url = api.client.post("/api/model/retrain", headers=ADMIN).json()["url"]
    (job,) = release.jobs()
    left = json.dumps({"outcome": "invalid", "version": None, "error": "too few users: 3"})
    release.add_pod_of_job(job, {"terminated": {"exitCode": 65, "reason": "Error", "message": left}})
    release.end_job(job, succeeded=False)
    run = api.client.get(url, headers=ADMIN).json()
    assert (run["state"], run["exit_code"], run["outcome"]) == ("failed", 65, "invalid")
    assert run["error"] == "too few users: 3"


def test_job_under_way_is_named_whoever_made_it(api: ThreadServer, release: Release) -> None:
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "trainer"}
    owner["uid"] = release.read("batch", "cron_job", "trainer")["metadata"]["uid"]
    spec = release.read("batch", "cron_job", "trainer")["spec"]["jobTemplate"]["spec"]
    release.create("batch", "job", {"metadata": {"name": "trainer-29", "ownerReferences": [owner]}, "spec": spec})
    answer = api.client.post("/api/model/retrain", headers=ADMIN)
    assert answer.status_code == 409
    assert answer.json()["run_url"] == "/api/model/runs/trainer-29"
    assert release.jobs() == ["trainer-29"]


def test_unknown_run_is_not_found(api: ThreadServer) -> None:
    answer = api.client.get("/api/model/runs/no-such", headers=ADMIN)
    assert (answer.status_code, answer.json()["title"]) == (404, "There is no such run")


@pytest.mark.parametrize("run_id", ["a%2Fb", "UPPER", "x" * 300, "%00"])
def test_run_that_no_job_can_be_called_is_not_found(api: ThreadServer, run_id: str) -> None:
    assert api.client.get(f"/api/model/runs/{run_id}", headers=ADMIN).status_code == 404


def test_server_without_rights_says_that_it_cannot_train(
    serve: Serve, release: Release, control_plane: ControlPlane
) -> None:
    kubeconfig = control_plane.service_account_kubeconfig(release.namespace, "default")
    api = serve(cluster_namespace=release.namespace, kubeconfig=str(kubeconfig))
    answer = api.client.post("/api/model/retrain", headers=ADMIN)
    assert answer.status_code == 503
    assert "is forbidden" in answer.json()["detail"]
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_api_server_that_is_gone_is_a_problem_and_serving_goes_on(
    serve: Serve, release: Release, control_plane: ControlPlane, tmp_path: Path, registry: Registry
) -> None:
    publish(registry)
    gone = tmp_path / "gone.conf"
    gone.write_text(control_plane.admin.read_text().replace(control_plane.url, "https://127.0.0.1:9"))
    api = serve(cluster_namespace=release.namespace, kubeconfig=str(gone)).until_ready()
    for answer in (
        api.client.post("/api/model/retrain", headers=ADMIN),
        api.client.get("/api/model/runs/trainer-1", headers=ADMIN),
    ):
        assert answer.status_code == 503
        assert "the API server does not answer" in answer.json()["detail"]
    assert api.client.get("/api/products/popular").status_code == 200


def test_rollback_moves_the_pointer_and_restarts_the_deployment(
    api: ThreadServer, release: Release, registry: Registry
) -> None:
    old = publish(registry)
    publish(registry, a_model(users=integer_ids([4, 5, 6])))
    answer = api.client.post("/api/model/rollback", headers=ADMIN)
    assert (answer.status_code, answer.json()["version"]) == (200, old)
    assert release.template_annotations()[PIN] == old


def test_rollback_that_the_cluster_refuses_changes_nothing(
    serve: Serve, release: Release, control_plane: ControlPlane, registry: Registry
) -> None:
    publish(registry)
    current = publish(registry, a_model(users=integer_ids([4, 5, 6])))
    before = registry.current()
    kubeconfig = control_plane.service_account_kubeconfig(release.namespace, "default")
    api = serve(cluster_namespace=release.namespace, kubeconfig=str(kubeconfig))
    answer = api.client.post("/api/model/rollback", headers=ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (503, "cluster_unavailable")
    assert "is forbidden: " in answer.json()["detail"]
    assert f"; current.json names {current} again" in answer.json()["detail"]
    assert registry.current() == before


def test_rollback_whose_restart_was_lost_can_be_asked_for_again(
    api: ThreadServer, release: Release, registry: Registry
) -> None:
    replaced, current = publish(registry), publish(registry, a_model(users=integer_ids([4, 5, 6])))
    api.client.post("/api/model/rollback", headers=ADMIN, json={"version": replaced})
    lost = registry.promote(current, "a rollback that died", registry.pointer_state())
    answer = api.client.post("/api/model/rollback", headers=ADMIN, json={"version": current})
    assert (answer.status_code, answer.json()["promoted_by"]) == (200, "a rollback that died")
    assert release.template_annotations()[PIN] == current
    assert registry.current() == lost
    again = api.client.post("/api/model/rollback", headers=ADMIN, json={"version": current})
    assert (again.status_code, again.json()["code"]) == (409, "version_refused")
