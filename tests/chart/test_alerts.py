"""Which alerts of the chart fire when, as promtool works them out; and what they tell whom they wake."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from monitor.judging import CHECK_NAMES
from tests.chart.conftest import Render
from tests.chart.helm import CHART, SHOP, Helm, joined
from tests.chart.promtool import Series, check, series, wrong_about, wrong_in_words
from tests.parts.missing import PartMissingError
from tests.programs.go_programs import go_programs

CHECKOUT: Final = CHART.parents[1]
RULES: Final = {"alerts": {"enabled": True}}
CHECK: Final = "{{ $labels.check }}"
SLOW: Final = ["RecommenderSlow"]
TARGET_LABELS: Final = {"namespace": "ns", "service": "api"}
LISTS: Final = "/api/products/{product_id}/similar"

Fires = Callable[..., None]

# A replica that is well, for hours.
WELL: Final[Series] = {
    series("up"): "1x300",
    series("model_problem"): "0x300",
    series("model_info", version="v1"): "1x300",
    series("model_age_days", model_version="v1"): "1x300",
    series("http_requests_total", method="GET", route=LISTS, status="200", model_version="v1"): "0+600x300",
    series("recommender_health_check", check="rejected_runs", verdict="ok"): "1x300",
    series("recommender_health_check", check="rejected_runs", verdict="warn"): "0x300",
    # The monitor has just reported, whenever that is: promtool's clock begins at 0.
    series("recommender_monitor_last_report_timestamp_seconds"): "0+60x300",
}


@pytest.fixture(scope="module")
def rules(helm: Helm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of rules that the chart renders, as Prometheus takes it."""
    try:
        go_programs("prometheus")
    except PartMissingError as missing:
        pytest.skip(str(missing))
    path = tmp_path_factory.mktemp("rules") / "rules.json"
    path.write_text(json.dumps(helm.template(joined(SHOP, RULES)).get("PrometheusRule", "recommender")["spec"]))
    return path


@pytest.fixture
def fires(rules: Path, tmp_path: Path) -> Fires:
    """Assert which alerts, and no others, fire at some times, where these series differ from WELL's."""

    def fires(changed: Series, **firing: list[str]) -> None:
        at = {time.removeprefix("after_"): names for time, names in firing.items()}
        assert wrong_about(rules, {**WELL, **changed}, at, tmp_path) == ""

    return fires


def test_nothing_fires_where_all_is_well(fires: Fires) -> None:
    fires({}, after_1m=[], after_5h=[])


def test_api_that_does_not_answer_prometheus(fires: Fires) -> None:
    fires({series("up"): "1x10 0x60"}, after_14m=[], after_17m=["RecommenderApiDown"])
    fires({series("up"): "_x60"}, after_4m=[], after_6m=["RecommenderApiDown"])
    fires({series("up", pod="api-2"): "0x60"}, after_1h=[])


def test_api_without_a_model(fires: Fires) -> None:
    without = {series("model_info", version="v1"): "_x60", series("model_age_days", model_version="v1"): "_x60"}
    for problem in ("0x60", "1x60"):
        fires({**without, series("model_problem"): problem}, after_29m=[], after_31m=["RecommenderNoModel"])


def test_store_that_cannot_be_reached_for_longer_than_a_hiccup(fires: Fires) -> None:
    fires({series("model_problem"): "0x10 1x60"}, after_24m=[], after_27m=["RecommenderStoreUnreachable"])
    fires({series("model_problem"): "0x10 1x10 0x60"}, after_22m=[], after_1h=[])


def test_two_models_for_longer_than_a_rollout_takes(fires: Fires) -> None:
    other = series("model_info", pod="api-2", version="v2")
    fires({other: "1x60"}, after_29m=[], after_31m=["RecommenderMixedVersions"])
    fires({other: "1x20 stale"}, after_20m=[], after_1h=[])
    fires({series("model_info", pod="api-2", version="v1"): "1x60"}, after_1h=[])


def test_requests_that_end_in_server_errors(fires: Fires) -> None:
    failing = series("http_requests_total", method="GET", route=LISTS, status="500", model_version="v1")
    fires({failing: "0+3x60"}, after_1h=[])
    fires({failing: "0+12x60"}, after_30m=["RecommenderErrors"])
    fires({failing: "0+60x5 300x60"}, after_30m=[])
    probe = series("http_requests_total", method="GET", route="/readyz", status="503", model_version="")
    fires({probe: "0+600x60"}, after_1h=[])


def test_lists_that_take_too_long(fires: Fires) -> None:
    assert bucket("0.5") != bucket("1.0")
    fires({bucket("0.5"): "0+597x60", bucket("1.0"): "0+600x60", bucket("+Inf"): "0+600x60"}, after_1h=[])
    fires({bucket("0.5"): "0+500x60", bucket("1.0"): "0+600x60", bucket("+Inf"): "0+600x60"}, after_1h=SLOW)


def test_model_that_is_too_old(fires: Fires) -> None:
    old = series("model_age_days", model_version="v1")
    fires({old: "8x90"}, after_59m=[], after_61m=["RecommenderModelTooOld"])
    fires({old: "8x30 0x60"}, after_90m=[])


@pytest.mark.parametrize(
    ("check_name", "verdict", "alert"),
    [
        ("failed_runs", "fail", "RecommenderTrainingFails"),
        ("missed_runs", "warn", "RecommenderTrainingFails"),
        ("rejected_runs", "warn", "RecommenderRejected"),
        ("model", "fail", "RecommenderCheckFails"),
        ("golden", "fail", "RecommenderCheckFails"),
    ],
)
def test_what_the_monitor_finds_wakes_somebody(fires: Fires, check_name: str, verdict: str, alert: str) -> None:
    found = series("recommender_health_check", check=check_name, verdict=verdict)
    fires({found: "1x60"}, after_4m=[], after_6m=[alert])
    fires({found: "0x60"}, after_1h=[])


@pytest.mark.parametrize("check_name", ["neighbour_overlap", "event_mix", "unknown_products", "served_quality"])
def test_drift_that_stays(fires: Fires, check_name: str) -> None:
    found = series("recommender_health_check", check=check_name, verdict="warn")
    fires({found: "1x240"}, after_2h=[], after_200m=["RecommenderDrift"])


def test_other_warnings_are_for_the_dashboard(fires: Fires) -> None:
    fires({series("recommender_health_check", check="last_run", verdict="warn"): "1x240"}, after_4h=[])


def test_monitor_that_reports_no_more(fires: Fires) -> None:
    told = series("recommender_monitor_last_report_timestamp_seconds")
    fires({told: "0x240"}, after_3h=[], after_192m=["RecommenderMonitorSilent"])
    fires({told: "_x240"}, after_4h=[])


def test_what_the_shop_says_of_its_limits_holds(render: Render) -> None:
    told = {"errorRatio": 0.25, "latencySeconds": 2, "selector": 'job="recommender"'}
    found = render(
        {
            "alerts": {"enabled": True, **told},
            "settings": {"MAX_MODEL_AGE_DAYS": 30, "RUNBOOK_URL": "https://wiki/runs/"},
        }
    )
    rules = {rule["alert"]: rule for rule in rules_of(found.get("PrometheusRule", "recommender"))}
    assert rules["RecommenderErrors"]["expr"].endswith("> 0.25")
    assert rules["RecommenderSlow"]["expr"].endswith("> 2")
    assert rules["RecommenderModelTooOld"]["expr"] == (
        'max by (namespace, service) (model_age_days{job="recommender"}) > 30'
    )
    assert rules["RecommenderModelTooOld"]["annotations"]["runbook_url"] == "https://wiki/runs/model_age.md"


def test_second_release_is_told_apart(render: Render) -> None:
    found = render({"alerts": {"enabled": True}, "namePrefix": "blue"}).get("PrometheusRule", "blue-recommender")
    assert all('{namespace="ns",service="blue-api"' in rule["expr"] for rule in rules_of(found))


def test_promtool_finds_nothing_wrong(rules: Path) -> None:
    assert check(rules) == ""


def test_each_alert_has_fired_in_these_tests(rules: Path) -> None:
    tests = Path(__file__).read_text()
    assert all(f'"{rule["alert"]}"' in tests for rule in alerts(rules))


def test_each_alert_leads_to_its_runbook(rules: Path) -> None:
    for rule in alerts(rules):
        assert rule["labels"].keys() == {"severity"}
        assert rule["labels"]["severity"] in {"critical", "warning"}
        runbook = rule["annotations"]["runbook_url"]
        names = checks_of(rule) if CHECK in runbook else [""]
        assert names
        assert all((CHECKOUT / runbook.replace(CHECK, name)).is_file() for name in names), rule["alert"]


@pytest.mark.parametrize(
    ("name", "changed", "labels", "description"),
    [
        (
            "RecommenderModelTooOld",
            {series("model_age_days", model_version="v1"): "8.25x90"},
            {},
            "It was made 8.2 days ago in ns: training fails, is rejected, or is not started.",
        ),
        (
            "RecommenderErrors",
            {series("http_requests_total", route=LISTS, status="500"): "0+200x90"},
            {},
            "25% of the requests in ns ended in a server error.",
        ),
    ],
)
def test_description_says_what_was_measured(
    rules: Path, tmp_path: Path, name: str, changed: Series, labels: Mapping[str, str], description: str
) -> None:
    rule = next(rule for rule in alerts(rules) if rule["alert"] == name)
    told = {**TARGET_LABELS, **labels, **rule["labels"]}
    alert = {"alert": name, "labels": told, "annotations": {**rule["annotations"], "description": description}}
    assert wrong_in_words(rules, {**WELL, **changed}, "80m", alert, tmp_path) == ""


def alerts(rules: Path) -> list[dict[str, Any]]:
    return rules_of({"spec": json.loads(rules.read_text())})


def rules_of(rule_object: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [rule for group in rule_object["spec"]["groups"] for rule in group["rules"]]


def checks_of(rule: Mapping[str, Any]) -> list[str]:
    """Give the monitor's checks that an alert is of."""
    found = re.search(r'check(=~|=|!~)"([^"]+)"', rule["expr"])
    assert found
    told = found[2].split("|")
    assert set(told) <= set(CHECK_NAMES)
    return [name for name in CHECK_NAMES if name not in told] if found[1] == "!~" else told


def bucket(bound: str) -> str:
    return series("http_request_duration_seconds_bucket", method="GET", route=LISTS, model_version="v1", le=bound)
