"""What goes wrong, and what a shop and its operator see of it."""

import base64
from collections.abc import Iterator

import httpx
import pytest

from registry.history import Outcome, read_history
from tests.e2e.load import steady_load
from tests.e2e.shop import Run, Shop


def the_error(ended: Run) -> str:
    """Give the one line in which a run's log says what was wrong."""
    (line,) = ended.log_lines(level="ERROR", event="ended")
    assert "exc_info" not in line
    return str(line["message"])


def failed_at_once(ended: Run) -> bool:
    """Whether there was one pod, and no other after it."""
    return not ended.succeeded and len(ended.pods) == 1


def messages(shop: Shop, reason: str) -> list[str]:
    return [event["message"] for event in shop.events(reason)]


@pytest.fixture
def wrong_password(installed: Shop) -> Iterator[None]:
    """Have another password in the Secret than in the database."""
    secret = ("patch", "secret", "recommender-database", "--type=merge", "--patch")
    before = installed.read("secret", "recommender-database")["data"]["password"]
    wrong = base64.b64encode(b"guessed").decode()
    installed.kubectl(*secret, f'{{"data": {{"password": "{wrong}"}}}}')
    yield
    installed.kubectl(*secret, f'{{"data": {{"password": "{before}"}}}}')


@pytest.mark.usefixtures("wrong_password")
def test_wrong_database_password_fails_once_with_one_clear_line(installed: Shop) -> None:
    ended = installed.run()
    assert failed_at_once(ended)
    assert ended.exit_codes == [64]
    assert "Access denied for user 'shop'" in the_error(ended)
    assert "guessed" not in "".join(ended.logs)
    (message,) = [one for one in messages(installed, "TrainingFailed") if "Access denied" in one]
    assert "DB_PASSWORD" in message


def test_too_few_users_leave_the_model_in_service(installed: Shop) -> None:
    before = installed.current_version()
    ended = installed.run(environment={"MIN_USERS": "1000"})
    assert failed_at_once(ended)
    assert ended.exit_codes == [65]
    assert "MIN_USERS" in the_error(ended)
    assert any("MIN_USERS" in message for message in messages(installed, "DataInvalid"))
    assert installed.current_version() == before
    with installed.registry() as registry:
        assert read_history(registry.store)[-1].outcome is Outcome.INVALID


def test_of_two_trainers_one_trains_and_the_other_tries_again(pausing: Shop) -> None:
    first = pausing.start(environment={"PAUSE_AT": "extract", "PAUSE_SECONDS": "8"})
    pausing.until(lambda: "Pausing" in log_of(pausing, first), "the first trainer pauses")
    second = pausing.ended(pausing.start())
    assert pausing.ended(first).exit_codes == [0]
    assert second.succeeded
    assert second.exit_codes[0] == 75
    assert second.exit_codes[-1] == 0
    assert f"another trainer is at work: {first}-" in second.logs[0]


def test_trainer_that_is_too_large_is_killed_once_and_kubernetes_says_so(pausing: Shop) -> None:
    before = pausing.current_version()
    job = pausing.start(environment={"GREED_MEGABYTES": "4000"})
    ended = pausing.ended(job)
    assert failed_at_once(ended)
    assert ended.ends[0]["reason"] == "OOMKilled"
    assert any(job in event["involvedObject"]["name"] for event in pausing.events("PodFailurePolicy"))
    assert pausing.current_version() == before


def log_of(shop: Shop, job: str) -> str:
    """Give the log of a Job's pod, nothing while it has none."""
    pods = shop.pods_of(job)
    started = pods and pods[-1]["status"]["phase"] != "Pending"
    return shop.kubectl("logs", pods[-1]["metadata"]["name"]) if started else ""


@pytest.fixture
def store_away(installed: Shop) -> Iterator[None]:
    """Have no MinIO; a test may bring it back itself."""
    installed.scale("minio", 0)
    yield
    installed.scale("minio", 1)


@pytest.mark.usefixtures("store_away")
def test_store_that_is_away_is_waited_for_by_trainer_and_api(installed: Shop) -> None:
    serving = installed.replicas()
    job = installed.start()
    installed.kubectl("delete", "pod", serving[0]["metadata"]["name"], "--wait=false")
    installed.until(lambda: "store" in log_of(installed, job) and has_failed(installed, job), "the trainer fails")
    (new,) = installed.until(lambda: new_replicas(installed, serving), "the replica is replaced")
    assert not is_ready(installed, new)
    with installed.api() as url:
        assert httpx.get(f"{url}/api/products/popular").status_code == 200, "a loaded model goes on serving"
    installed.scale("minio", 1)
    installed.until(lambda: is_ready(installed, new), "the new replica is ready")
    ended = installed.ended(job)
    assert ended.succeeded
    assert set(ended.exit_codes[:-1]) == {75}


def has_failed(shop: Shop, job: str) -> bool:
    return any(pod["status"]["phase"] == "Failed" for pod in shop.pods_of(job))


def new_replicas(shop: Shop, before: list[dict[str, object]]) -> list[str]:
    known = {str(pod["metadata"]["name"]) for pod in before}  # type: ignore[index]
    return [name for pod in shop.replicas() if (name := str(pod["metadata"]["name"])) not in known]


def is_ready(shop: Shop, pod: str) -> bool:
    return any(
        one["type"] == "Ready" and one["status"] == "True" for one in shop.read("pod", pod)["status"]["conditions"]
    )


def test_new_image_that_crashes_leaves_the_old_replicas_serving(installed: Shop) -> None:
    image = installed.read("deployment", "api")["spec"]["template"]["spec"]["containers"][0]["image"]
    with steady_load(installed) as load:
        installed.upgrade("--set=api.image.repository=recommender-trainer")  # there is no module `api` in it
        installed.until(lambda: "CrashLoopBackOff" in installed.kubectl("get", "pods"), "the new replica crashes")
        assert installed.read("deployment", "api")["status"]["availableReplicas"] == 2
        installed.helm("rollback", "--wait")
        counts = load.counts()
    assert counts.failures == []
    assert len(counts.versions) == 1
    template = installed.read("deployment", "api")["spec"]["template"]
    assert template["spec"]["containers"][0]["image"] == image
    assert installed.pinned_versions() == set(counts.versions)


STEPS = ("champion", "extract", "matrix", "build", "validate", "publish", "promote", "roll_out", "prune")


@pytest.mark.parametrize("step", STEPS)
def test_trainer_that_is_deleted_leaves_nothing_half_done(pausing: Shop, step: str) -> None:
    before = pausing.current_version()
    job = pausing.start(environment={"PAUSE_AT": step})
    pausing.until(lambda: f"Pausing at the end of step {step}" in log_of(pausing, job), f"the run gets to {step}")
    pausing.kubectl("delete", "pod", f"--selector=batch.kubernetes.io/job-name={job}", "--wait=true")
    with pausing.registry() as registry:
        pointer = registry.current()
        assert pointer
        assert (pointer.version == before) == (STEPS.index(step) < STEPS.index("promote"))
        for summary in registry.versions():
            registry.manifest(summary.version)
        assert read_history(registry.store)[-1].outcome is Outcome.FAILED
    assert not pausing.read("lease", "trainer")["spec"]["holderIdentity"]
    pausing.kubectl("delete", "job", job, "--wait=true", "--cascade=foreground")  # its next pod would pause again


def test_restart_that_a_dead_trainer_owed_is_made_up_for_by_the_monitor(pausing: Shop) -> None:
    before = pausing.pinned_versions()
    job = pausing.start(environment={"PAUSE_AT": "promote"})
    pausing.until(lambda: "Pausing at the end of step promote" in log_of(pausing, job), "the run gets to promote")
    busy = pausing.run("monitor")
    assert "It is left to the run under way: another trainer is at work" in busy.logs[0]
    pausing.kubectl("delete", "job", job, "--wait=true", "--cascade=foreground")
    assert pausing.pinned_versions() == before != {pausing.current_version()}
    looked = pausing.run("monitor")
    assert "a restart was lost, and the replicas restart with" in looked.logs[0]
    pausing.wait_for_rollout()
    assert pausing.pinned_versions() == {pausing.current_version()}


def test_model_that_no_replica_can_load_is_rolled_back_before_a_customer_sees_it(pausing: Shop) -> None:
    before, serving = pausing.current_version(), {pod["metadata"]["uid"] for pod in pausing.replicas()}
    paused = {"PAUSE_AT": "publish", "PAUSE_SECONDS": "15", "ROLLOUT_SECONDS": "30"}
    with steady_load(pausing) as load:
        job = pausing.start(environment=paused)
        pausing.until(lambda: "Pausing at the end of step publish" in log_of(pausing, job), "the run has published")
        with pausing.registry() as registry:
            bad = registry.versions()[-1].version
            registry.store.delete(f"models/{bad}/model.safetensors")
        ended = pausing.ended(job, seconds=240)
        pausing.wait_for_rollout()
        counts = load.counts()
    assert counts.failures == []
    assert set(counts.versions) == {before}
    assert failed_at_once(ended)
    assert ended.exit_codes == [70]
    assert f"model {before} serves again" in the_error(ended)
    assert pausing.current_version() == before
    assert pausing.pinned_versions() == {before}
    assert {pod["metadata"]["uid"] for pod in pausing.replicas()} == serving, "the old replicas were never gone"
    assert any(bad in message for message in messages(pausing, "ModelRolledBack"))
    with pausing.registry() as registry:
        assert read_history(registry.store)[-1].outcome is Outcome.ROLLED_BACK


def test_run_after_all_of_these_succeeds(pausing: Shop) -> None:
    ended = pausing.run()
    assert ended.succeeded
    assert ended.exit_codes == [0]
    assert pausing.pinned_versions() == {pausing.current_version()}
