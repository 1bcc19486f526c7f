"""A model that the gate rejects, and a person who knows better."""

import json

from registry.history import Outcome, read_history
from tests.e2e.shop import Shop

HALF_OF_THE_ORDERS = """
SELECT o.user_id AS user_id, i.product_id AS product_id, o.created_at AS occurred_at
FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.id % 2 = 0
"""
BROKEN_EXPORT = {"EVENTS": json.dumps({"purchase": {"sql": HALF_OF_THE_ORDERS}})}


def generation(shop: Shop) -> int:
    return int(shop.read("deployment", "api")["metadata"]["generation"])


def test_rejected_candidate_changes_nothing_and_says_why(installed: Shop) -> None:
    version, before = installed.current_version(), generation(installed)
    ended = installed.run(environment=BROKEN_EXPORT)
    assert ended.succeeded, ended.logs
    assert ended.exit_codes == [0]
    assert installed.current_version() == version
    assert generation(installed) == before, "the API was not restarted"
    (message,) = [event["message"] for event in installed.events("ModelRejected")]
    assert "events: " in message
    assert "less than usual" in message
    with installed.registry() as registry:
        run = read_history(registry.store)[-1]
        assert run.version
        rejected = registry.manifest(run.version)
        assert b"rejected" in registry.store.get(f"models/{run.version}/card.html").body
    assert run.outcome is Outcome.REJECTED
    assert not rejected.accepted
    assert [row["rule"] for row in rejected.gate if row["verdict"] == "rejected"] == ["events", "forgotten"]


def test_forced_candidate_goes_live_the_way_the_how_to_says(installed: Shop) -> None:
    reason = "half of the orders moved to another shop"
    job = installed.kubectl("create", "job", "--from=cronjob/trainer", "forced", "--dry-run=client", "--output=yaml")
    for setting in (f"FORCE={reason}", f"EVENTS={BROKEN_EXPORT['EVENTS']}"):
        job = installed.kubectl("set", "env", "--local", "--filename=-", "--output=yaml", setting, given=job)
    installed.kubectl("apply", "--filename=-", given=job)
    ended = installed.ended("forced")
    assert ended.succeeded, ended.logs
    version = installed.current_version()
    assert installed.pinned_versions() == {version}
    with installed.registry() as registry:
        manifest, pointer = registry.manifest(version), registry.current()
    assert pointer
    assert manifest.forced == {"by": ended.pods[0]["metadata"]["name"], "reason": reason}
    assert reason in pointer.promoted_by
