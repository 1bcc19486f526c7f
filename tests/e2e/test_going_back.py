"""Three ways back to an earlier model, and all end alike: pointer, pin and every replica agree."""

import json

import httpx

from registry.history import Outcome, read_history
from tests.e2e.load import steady_load
from tests.e2e.shop import TOKEN, Shop

ADMIN = {"Authorization": f"Bearer {TOKEN}"}
ROLL_BACK = [
    {"op": "add", "path": "/spec/template/spec/containers/0/args", "value": ["-m", "trainer", "rollback"]},
]


def agreed_version(shop: Shop) -> str:
    """Give the version on which current.json and all replicas agree, once they do."""
    shop.wait_for_rollout()
    version = shop.current_version()
    assert shop.pinned_versions() == {version}
    return version


def test_rollout_undo_brings_the_earlier_model_back_and_current_json_follows(installed: Shop) -> None:
    with installed.registry() as registry:
        promoted = [run.version for run in read_history(registry.store) if run.outcome is Outcome.PROMOTED]
    assert installed.pinned_versions() == {promoted[-1]}
    with steady_load(installed) as load:
        installed.kubectl("rollout", "undo", "deployment/api")
        installed.wait_for_rollout()
        counts = load.until_served(str(promoted[-2]))
    assert counts.failures == []
    assert installed.current_version() == promoted[-1], "nobody has looked yet"
    looked = installed.run("monitor")
    assert looked.succeeded, looked.logs
    assert "kubectl changed later: current.json names" in looked.logs[0]
    assert agreed_version(installed) == promoted[-2]
    (event,) = installed.events("ServingHealed")
    assert str(promoted[-2]) in event["message"]
    assert "Healed" not in installed.run("monitor").logs[0]


def test_rollback_route_moves_the_pointer_and_the_replicas(installed: Shop) -> None:
    before = installed.current_version()
    with installed.api() as url:
        answer = httpx.post(f"{url}/api/model/rollback", headers=ADMIN)
    assert answer.status_code == 200, answer.text
    assert agreed_version(installed) == answer.json()["version"] != before


def test_rollback_command_in_a_pod_waits_for_every_replica_the_way_the_how_to_says(installed: Shop) -> None:
    before = installed.current_version()
    job = installed.kubectl("create", "job", "--from=cronjob/trainer", "back", "--dry-run=client", "--output=yaml")
    patch = ("--local", "--filename=-", "--type=json", f"--patch={json.dumps(ROLL_BACK)}", "--output=yaml")
    installed.kubectl("create", "--filename=-", given=installed.kubectl("patch", *patch, given=job))
    ended = installed.ended("back")
    assert ended.exit_codes == [0], ended.logs
    assert agreed_version(installed) != before
    assert f"Current model: {installed.current_version()} (before: {before})" in ended.logs[0]
