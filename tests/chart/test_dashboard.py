"""Grafana's dashboard: each of its queries has an answer in a real Prometheus that scrapes a real API."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import pytest

from registry.files import FileStore
from registry.history import write_health
from registry.registry import Registry
from tests.api.live import ThreadServer, settings_for
from tests.builders import publish
from tests.chart.helm import CHART, SHOP, Helm, joined
from tests.parts.fixtures import announce_builds, had
from tests.parts.prometheus_server import Prometheus, running_prometheus

TARGET: Final = {"namespace": "shop", "service": "api", "pod": "api-1"}
DASHBOARD: Final[dict[str, Any]] = json.loads((CHART / "dashboards" / "recommender.json").read_text())
QUERIES: Final = {
    f"{panel['title']}, {target['legendFormat']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", ())
}
REPORT: Final = {
    "status": "DEGRADED",
    "checked_at": "2025-01-05T02:00:00+00:00",
    "checks": [{"check": "model_age", "verdict": "warn", "value": 9.0, "threshold": 7.0}],
}
# Grafana sets it to four times the time between two scrapes, which here is a second.
RATE_INTERVAL: Final = "4s"
PATHS: Final = (
    "/api/products/popular",
    "/api/products/1/similar",
    "/api/users/1/recommendations",
    "/api/products/0/similar",
)


@pytest.fixture(scope="module")
def prometheus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Give a Prometheus that has scraped an API in use a few times."""
    announce_builds(request, "prometheus")
    folder = tmp_path_factory.mktemp("dashboard") / "store"
    registry = Registry(FileStore(folder))
    publish(registry)
    write_health(registry.store, REPORT)
    with ExitStack() as stack:
        server = ThreadServer(settings_for(folder)).until_ready()
        stack.callback(server.end)
        scraping = had(running_prometheus(server.port, TARGET), stack)
        use(server, scraping)
        yield scraping


def use(server: ThreadServer, scraping: Prometheus) -> None:
    """Ask for lists until requests have a rate."""
    deadline = time.monotonic() + 30
    while not scraping.query(f"rate(http_requests_total[{RATE_INTERVAL}]) > 0"):
        assert time.monotonic() < deadline, "Prometheus has scraped no requests"
        for path in PATHS:
            server.client.get(path)
        time.sleep(0.2)


@pytest.mark.parametrize("title", QUERIES)
def test_each_query_has_an_answer(prometheus: Prometheus, title: str) -> None:
    assert prometheus.query(filled_in(QUERIES[title]))


def test_variables_find_the_release(prometheus: Prometheus) -> None:
    for variable in ("namespace", "service"):
        asked = next(one["definition"] for one in DASHBOARD["templating"]["list"] if one["name"] == variable)
        found = re.fullmatch(r"label_values\((.*), (\w+)\)", asked)
        assert found
        assert prometheus.label_values(found[2], filled_in(found[1])) == [TARGET[variable]]


def test_no_query_looks_at_another_release() -> None:
    selected = 'namespace="$namespace",service="$service"'
    for title, query in QUERIES.items():
        without_labels = re.sub(r"\b(?:by|on) \(.*?\)", "", query)
        metrics = re.findall(r"\b(?:model|http|recommendation|recommender|process)_\w+|\bup\b", without_labels)
        assert metrics
        assert query.count(selected) == len(metrics), title


def test_the_chart_gives_it_to_grafanas_sidecar(helm: Helm) -> None:
    found = helm.template(joined(SHOP, {"dashboard": {"enabled": True}})).get("ConfigMap", "recommender-dashboard")
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(found["data"]["recommender.json"]) == DASHBOARD


def test_panels_lie_side_by_side() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def filled_in(query: str) -> str:
    """Put values in place of Grafana's variables."""
    values = {"namespace": TARGET["namespace"], "service": TARGET["service"], "__rate_interval": RATE_INTERVAL}
    return re.sub(r"\$(\w+)", lambda found: values[found[1]], query)
