"""What the console's pages show, whatever the store holds."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from api.console.health import NOT_JUDGED
from registry.history import Outcome, Run, append_run, write_health
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, ThreadServer, wait_until
from tests.builders import a_catalogue, a_model, publish

PAGES = ("/", "/console/health", "/console/versions", "/console/runs", "/console/try?product=10")
REPORT = {
    "status": "DEGRADED",
    "checked_at": "2025-01-05T02:00:00+00:00",
    "checks": [
        {"check": "users", "verdict": "ok", "value": 102, "threshold": 50, "unit": "users", "message": "102 users"},
        {
            "check": "model_age",
            "verdict": "warn",
            "value": 9.0,
            "threshold": 7.0,
            "unit": "days",
            "message": "Old model: <b>9 days</b>",
            "runbook": "https://wiki/runbooks/model_age.md",
        },
    ],
}


def a_run(number: int, outcome: Outcome, version: str | None = None, reason: str | None = None) -> Run:
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=number)
    return Run(timestamp=at, outcome=outcome, duration_seconds=2.5, version=version, reason=reason, events={"view": 7})


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_there_before_anything_was_trained(serve: Serve, path: str) -> None:
    answer = serve().until_ready().client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", PAGES)
def test_each_page_loads_only_what_is_ours(shop: ThreadServer, path: str) -> None:
    html = shop.client.get(path).text
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick" not in html
    for loaded in ("/console/style.css", "/console/assets/console.js"):
        assert loaded in html
        assert shop.client.get(loaded).status_code == 200


def test_the_overview_tells_what_is_served_and_what_is_not_in_order(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    write_health(registry.store, REPORT)
    html = serve().until_ready().client.get("/").text
    assert version in html
    assert "DEGRADED" in html
    assert "Old model: &lt;b&gt;9 days&lt;/b&gt;" in html
    assert "102 users" not in html


def test_health_shows_each_check_the_worst_first(serve: Serve, registry: Registry) -> None:
    publish(registry)
    write_health(registry.store, REPORT)
    html = serve().until_ready().client.get("/console/health").text
    assert html.index("model age") < html.index("102 users")
    assert 'href="https://wiki/runbooks/model_age.md"' in html


def test_a_check_that_had_nothing_to_judge_by_is_neither_in_order_nor_a_warning(
    serve: Serve, registry: Registry
) -> None:
    publish(registry)
    drift = {"check": "event_mix", "verdict": "ok", "judged": False, "message": "Not judged: no earlier run"}
    write_health(registry.store, {**REPORT, "status": "HEALTHY", "checks": [REPORT["checks"][0], drift]})
    client = serve().until_ready().client
    health, overview = client.get("/console/health").text, client.get("/").text
    assert health.count(NOT_JUDGED) == 1
    assert health.index(NOT_JUDGED) < health.index(">ok<")
    assert health.count(">ok<") == 1
    assert f"{NOT_JUDGED}</span> event mix" in overview
    assert "Every check is in order." not in overview


def test_charts_speak_the_readers_language(serve: Serve, registry: Registry) -> None:
    append_run(registry.store, a_run(1, Outcome.PROMOTED, publish(registry)))
    client = serve().until_ready().client
    words = {"en": "How long each run took.", "vi": "Mỗi lần chạy kéo dài bao lâu."}
    for language in ("en", "vi", "en"):
        html = client.get("/console/versions", headers={"Accept-Language": language}).text
        assert [code for code, text in words.items() if text in html] == [language]


@pytest.mark.parametrize(
    "report", [{}, {"status": 5, "checks": "no"}, {"checks": [1, {"check": "x", "verdict": "odd"}]}]
)
def test_health_of_any_shape_is_shown(serve: Serve, registry: Registry, report: dict[str, object]) -> None:
    publish(registry)
    write_health(registry.store, report)
    assert "UNKNOWN" in serve().until_ready().client.get("/console/health").text


def test_runs_tell_how_they_ended_and_why(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    append_run(registry.store, a_run(1, Outcome.PROMOTED, version))
    append_run(registry.store, a_run(2, Outcome.FAILED, reason="no database at <mysql>"))
    html = serve().until_ready().client.get("/console/runs").text
    assert html.index("failed") < html.index("promoted")
    assert "no database at &lt;mysql&gt;" in html
    assert f"/console/versions/{version}/card" in html


def test_a_version_that_is_not_in_service_can_be_put_there(serve: Serve, registry: Registry) -> None:
    first, second = publish(registry), publish(registry)
    html = serve().until_ready().client.get("/console/versions").text
    assert json.dumps({"version": first}).replace('"', "&#34;") in html or f'{{"version": "{first}"}}' in html
    assert f'{{"version": "{second}"}}' not in html


def test_a_card_that_is_not_there_is_said_to_be_missing(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    server = serve().until_ready()
    for name in (version, "20250105T020000Z-1f3c9a2e", "..%2F..%2Fcurrent.json", "x" * 500):
        answer = server.client.get(f"/console/versions/{name}/card")
        assert answer.status_code == 404


def test_products_have_names_and_reasons(serve: Serve, registry: Registry) -> None:
    publish(registry, replace(a_model(), catalogue=a_catalogue()))
    html = serve().until_ready().client.get("/console/try?product=10").text
    assert "because of" in html
    assert 'src="javascript' not in html


def test_two_versions_stand_side_by_side(serve: Serve, registry: Registry) -> None:
    first, second = publish(registry), publish(registry)
    html = serve().until_ready().client.get(f"/console/try?user=1&against={first}").text
    assert f'<section aria-label="{second}">' in html
    assert f'<section aria-label="{first}">' in html


def test_erased_users_are_known_to_no_version(serve: Serve, registry: Registry) -> None:
    first, _ = publish(registry), publish(registry)
    server = serve().until_ready()
    assert server.client.delete("/api/users/2", headers=ADMIN).status_code == 204
    assert server.client.get(f"/console/try?user=2&against={first}").text.count("This model does not know it.") == 2


def test_a_language_is_remembered_and_leads_nowhere_else(shop: ThreadServer) -> None:
    chosen = shop.client.get("/console/language/vi?back=/console/runs", follow_redirects=False)
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/console/runs")
    assert "console-language=vi" in chosen.headers["set-cookie"]
    for back in ("https://evil.example", "//evil.example", "/\\evil.example"):
        away = shop.client.get("/console/language/vi", params={"back": back}, follow_redirects=False)
        assert away.headers["location"] == "/"
    shop.client.cookies.clear()
    assert "Tổng quan" in shop.client.get("/", headers={"Accept-Language": "vi"}).text


def test_pages_go_on_while_the_store_is_away(serve: Serve, registry: Registry, folder: object) -> None:
    publish(registry)
    server = serve().until_ready()
    (registry.store.fetch("current.json", folder)).unlink()  # type: ignore[arg-type]
    for path in PAGES:
        assert server.client.get(path).status_code == 200


def test_there_are_no_pages_where_the_shop_wants_none(serve: Serve, registry: Registry) -> None:
    publish(registry)
    client = serve(console=False).until_ready().client
    for path in (*PAGES, "/console/style.css", "/console/assets/console.js"):
        assert client.get(path).status_code == 404


def test_a_run_that_goes_on_is_told_with_how_far_it_is(serve: Serve, registry: Registry) -> None:
    publish(registry)
    says = 'import json, sys, time; print(json.dumps({"message": "Loaded 7 events"}), file=sys.stderr, flush=True)'
    server = serve([sys.executable, "-c", f"{says}; time.sleep(30)"]).until_ready()
    assert "running" not in server.client.get("/").text
    run_id = server.client.post("/api/model/retrain", headers=ADMIN).json()["run_id"]
    wait_until(lambda: "Loaded 7 events" in server.client.get("/").text)
    assert run_id in server.client.get("/").text
