"""The whole story of a release, in the order in which a shop lives through it."""

import re
from datetime import datetime
from functools import partial

import httpx

from registry.history import read_health
from tests.e2e.figures import Figures
from tests.e2e.load import steady_load
from tests.e2e.shop import TOKEN, Json, Run, Shop

ADMIN = {"Authorization": f"Bearer {TOKEN}"}
ORDERS_OF_20_NEW_USERS = """
INSERT INTO users (created_at) SELECT NOW() FROM users LIMIT 20;
INSERT INTO orders (user_id, status, created_at)
    SELECT id, 'completed', NOW() - INTERVAL 1 HOUR FROM users ORDER BY id DESC LIMIT 20;
INSERT INTO order_items (order_id, product_id, quantity)
    SELECT id, 1 + id % 7, 1 FROM orders ORDER BY id DESC LIMIT 20;
"""


def seconds_between(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def ready_at(pod: Json) -> str:
    return next(str(one["lastTransitionTime"]) for one in pod["status"]["conditions"] if one["type"] == "Ready")


def users_of(shop: Shop, version: str) -> int:
    with shop.registry() as registry:
        return int(registry.manifest(version).metrics["n_users"])


def test_install_trains_for_the_first_time_and_serves(installed: Shop) -> None:
    version = installed.current_version()
    assert len(installed.replicas()) == 2
    assert installed.pinned_versions() == {version}
    with installed.api() as url:
        answer = httpx.get(f"{url}/api/users/1/recommendations?k=5").json()
    assert (answer["model_version"], len(answer["items"])) == (version, 5)
    (event,) = installed.events("ModelPromoted")
    assert (event["type"], event["involvedObject"]["name"]) == ("Normal", "trainer")
    assert version in event["message"]


def test_helm_test_asks_the_api_and_the_store(installed: Shop) -> None:
    said = installed.helm("test")
    assert "Phase:          Succeeded" in said
    assert f"serves model {installed.current_version()}, the store's current one" in said


def test_new_orders_reach_every_replica_without_a_failed_request(installed: Shop, figures: Figures) -> None:
    before = installed.current_version()
    installed.sql(ORDERS_OF_20_NEW_USERS)
    with steady_load(installed) as load:
        ended = installed.run()
        assert ended.succeeded, ended.logs
        version = installed.current_version()
        counts = load.until_served(version)
    assert counts.failures == []
    assert set(counts.versions) == {before, version}
    assert installed.pinned_versions() == {version}
    assert users_of(installed, version) == users_of(installed, before) + 20
    measure_rollout(installed, ended, figures)
    figures.add("requests answered during that roll, none failed", f"{sum(counts.versions.values())}")


def measure_rollout(shop: Shop, ended: Run, figures: Figures) -> None:
    """Tell how long it took from the Job's creation to the last replica's answer, and what that is made of."""
    (pod,), created = ended.pods, ended.job["metadata"]["creationTimestamp"]
    begun = pod["status"]["containerStatuses"][0]["state"]["terminated"]["startedAt"]
    steps = ended.log_lines(logger="trainer.pipeline")[-2]["seconds_by_step"]
    whole = seconds_between(created, max(ready_at(replica) for replica in shop.replicas()))
    training = sum(seconds for step, seconds in steps.items() if step != "roll_out")
    figures.add("Job creation to every replica on the new model", f"{whole:.0f} s")
    figures.add("  of which until the trainer's container starts", f"{seconds_between(created, begun):.0f} s")
    figures.add("  of which the steps before and after the rollout", f"{training:.1f} s")
    figures.add("  of which the rollout", f"{steps['roll_out']:.1f} s")


def test_replica_at_rest_takes_little_memory(installed: Shop, figures: Figures) -> None:
    names = [pod["metadata"]["name"] for pod in installed.replicas()]
    # Of a new pod the kubelet says at first that it takes nothing.
    measured = partial(working_set_megabytes, installed)
    megabytes = [installed.until(partial(measured, name), f"{name} is measured") for name in names]
    figures.add("API pods at rest, working set", ", ".join(f"{each:.0f} MB" for each in megabytes))
    assert max(megabytes) <= 120


def working_set_megabytes(shop: Shop, pod: str) -> float:
    """Ask the kubelet, whose figure `kubectl top` and the autoscaler show later."""
    node = shop.read("pod", pod)["spec"]["nodeName"]
    metrics = shop.kubectl("get", "--raw", f"/api/v1/nodes/{node}/proxy/metrics/resource")
    of_pod = re.escape(f'pod_memory_working_set_bytes{{namespace="{shop.namespace}",pod="{pod}"}}')
    found = re.search(rf"^{of_pod} (\S+)", metrics, re.MULTILINE)
    return float(found[1]) / 1e6 if found else 0.0


def test_schedule_in_values_is_the_cronjobs_and_fires_by_itself(installed: Shop) -> None:
    pinned = installed.pinned_versions()
    installed.upgrade("--set-string=trainer.schedule=* * * * *")
    assert installed.pinned_versions() == pinned, "an upgrade keeps the pinned version"

    def scheduled() -> list[str]:
        names = [job["metadata"]["name"] for job in installed.read("jobs")["items"]]
        return [name for name in names if name.startswith("trainer-") and name != "trainer-first"]

    job = installed.until(scheduled, "the CronJob fires", seconds=90)[0]
    installed.upgrade("--set-string=trainer.schedule=daily")
    assert installed.read("cronjob", "trainer")["spec"]["schedule"] == "0 2 * * *"
    assert installed.ended(job).succeeded
    assert installed.pinned_versions() == {installed.current_version()} != pinned


def test_monitor_reports_health_to_the_log_and_to_the_store(installed: Shop) -> None:
    ended = installed.run("monitor")
    assert ended.succeeded
    assert "MODEL HEALTH: HEALTHY" in ended.logs[0]
    assert "Suggested schedule  weekly (0 2 * * 0)" in ended.logs[0]
    with installed.registry() as registry:
        health = read_health(registry.store)
    assert health
    assert (health["status"], health["model_version"]) == ("HEALTHY", installed.current_version())


def test_retrain_route_makes_a_job_and_tells_how_it_goes(installed: Shop) -> None:
    with installed.api() as url:
        assert httpx.post(f"{url}/api/model/retrain").status_code == 401
        answer = httpx.post(f"{url}/api/model/retrain", headers=ADMIN)
        assert answer.status_code == 202, answer.text
        started = answer.json()
        again = httpx.post(f"{url}/api/model/retrain", headers=ADMIN)
        assert (again.status_code, again.json()["run_url"]) == (409, started["url"])
    assert installed.ended(started["run_id"]).succeeded
    with installed.api() as url:  # the replica of before is gone by now
        run = httpx.get(f"{url}{started['url']}", headers=ADMIN).json()
    assert (run["state"], run["outcome"], run["exit_code"]) == ("succeeded", "promoted", 0)
    assert run["version"] == installed.current_version()
