"""Each fault that a check exists for is caused on the cluster, and one run of the monitor finds it and names it.

The table is tests/e2e/fault_table/table.py. Independent faults share a run of the monitor; each row is a test of its
own.
"""

import time
from functools import partial

import httpx
import pytest

from tests.e2e.fault_table.faults import FAIL, OK, Fault, Look, Sign
from tests.e2e.fault_table.of_cluster import store_down
from tests.e2e.fault_table.of_data import grow
from tests.e2e.fault_table.table import LOOKS, all_looks
from tests.e2e.fault_table.watch import Watch
from tests.e2e.figures import Figures
from tests.e2e.shop import Json, Shop

ROWS = [(look, fault, sign) for look in all_looks() for fault in look.faults for sign in fault.signs]
IDS = [f"{fault.name}-{sign.check}" for _, fault, sign in ROWS]
OUTER = {look.name: outer for outer in LOOKS for look in (*outer.meanwhile, outer)}


@pytest.fixture(scope="module")
def watch(installed: Shop) -> Watch:
    """Give the monitor's looks at the shop once it has grown, and is well."""
    installed.wait_for_rollout()
    grow(installed)
    return Watch(installed)


def test_nothing_is_found_while_nothing_is_wrong(watch: Watch) -> None:
    assert {name: said["message"] for name, said in watch.well.checks.items() if said["verdict"] != "ok"} == {}
    assert watch.well.exit_code == 0


@pytest.mark.parametrize(("look", "fault", "sign"), ROWS, ids=IDS)
def test_fault_is_found_within_one_run(watch: Watch, figures: Figures, look: Look, fault: Fault, sign: Sign) -> None:
    watch.at(OUTER[look.name])
    seen = watch.at(look)
    found = seen.checks[sign.check]
    assert (found["verdict"], sign.words in found["message"]) == (sign.verdict, True), found
    figures.add(f"{fault.name}: {sign.check}", f"{sign.verdict}, {seen.seconds[fault.name]:.0f} s")


@pytest.mark.parametrize("look", all_looks(), ids=lambda look: look.name)
def test_job_fails_where_the_model_is_unfit_and_nowhere_else(watch: Watch, look: Look) -> None:
    seen = watch.at(look)
    assert seen.exit_code == int(any(said["verdict"] == FAIL for said in seen.checks.values()))


@pytest.mark.parametrize("look", all_looks(), ids=lambda look: look.name)
def test_report_is_kept_unless_it_says_that_it_was_not(watch: Watch, look: Look) -> None:
    seen = watch.at(look)
    assert (seen.kept == seen.report) == (seen.checks["health_json"]["verdict"] == OK)


def test_store_that_is_down_is_told_by_exit_code_log_and_api(watch: Watch, figures: Figures) -> None:
    shop = watch.shop
    with store_down(shop):
        since = time.monotonic()
        job = shop.start("monitor")
        pod = shop.until(lambda: first_end(shop, job), "the monitor ends")
        seconds = time.monotonic() - since
        assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 75
        assert "cannot read s3://recommender/shop/" in shop.kubectl("logs", pod["metadata"]["name"])
        with shop.api() as url:
            assert "cannot read s3://" in httpx.get(f"{url}/api/health", timeout=30).json()["problem"]
            metrics = partial(httpx.get, f"{url}/metrics", timeout=30)
            shop.until(lambda: "model_problem 1.0" in metrics().text, "the metric that alerts go by says so")
    assert shop.ended(job).exit_codes[-1] == 0, "the next try succeeds"
    figures.add("the store is down: exit code, log, /api/health, /metrics", f"{seconds:.0f} s")


def first_end(shop: Shop, job: str) -> Json | None:
    """Give the first pod of a Job that has ended."""
    return next((pod for pod in shop.pods_of(job) if pod["status"]["phase"] == "Failed"), None)


def test_what_changed_is_told_as_events(watch: Watch) -> None:
    told = [event["message"] for event in watch.shop.events("ModelUnhealthy")]
    assert any("pointer: current.json is damaged" in message for message in told), told
