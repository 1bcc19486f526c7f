import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.exchanges import Exchange
from api.request_figures import RequestFigures, Tally
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import JSON
from tests.api.shoppers import numbered_model
from tests.builders import publish


def test_the_model_in_service_is_measured(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    server = serve().until_ready()
    assert server.metric(f'model_info{{version="{version}"}}') == 1
    of = f'{{model_version="{version}"}}'
    assert server.metric(f"model_users{of}") == 3
    assert server.metric(f"model_products{of}") == 5
    assert server.metric(f"model_interactions{of}") == 8
    assert server.metric(f"model_sparsity{of}") == pytest.approx(1 - 8 / 15)
    assert 0 <= (server.metric(f"model_age_days{of}") or -1) < 0.01
    assert (server.metric("model_reloads_total"), server.metric("model_problem")) == (1, 0)


def test_without_a_model_nothing_is_said_of_one(serve: Serve) -> None:
    server = serve().until_ready()
    assert "model_users{" not in server.client.get("/metrics").text
    assert "model_info" not in server.client.get("/metrics").text
    assert server.metric("model_reloads_total") == 0


def test_only_the_version_in_service_is_named(serve: Serve, registry: Registry) -> None:
    old = publish(registry)
    server = serve().until_ready()
    new = publish(registry)
    server.until_served(new)
    assert server.metric(f'model_info{{version="{new}"}}') == 1
    assert old not in server.client.get("/metrics").text


def test_requests_are_counted_by_route_status_and_model(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    server = serve().until_ready()
    for product_id in ("10", "20", "a/b"):
        server.client.get(f"/api/products/{product_id}/similar")
    server.client.post("/api/recommendations", content=b"{", headers=JSON)
    server.client.get("/healthz")
    route, model = 'method="GET",route="/api/products/{product_id}/similar"', f'model_version="{version}"'
    assert server.metric(f'http_requests_total{{{route},status="200",{model}}}') == 2
    assert server.metric(f'http_requests_total{{{route},status="404",{model}}}') == 1
    assert server.metric(f"http_request_duration_seconds_count{{{route},{model}}}") == 3
    assert server.metric(f'http_request_duration_seconds_bucket{{{route},{model},le="+Inf"}}') == 3
    assert 0 < (server.metric(f"http_request_duration_seconds_sum{{{route},{model}}}") or 0) < 3
    no_model = 'method="GET",route="/healthz",status="200",model_version=""'
    assert server.metric(f"http_requests_total{{{no_model}}}") == 1


def test_a_duration_is_counted_in_every_bucket_that_holds_it() -> None:
    tally = Tally((0.1, 0.5, 1.0))
    for seconds in (0.05, 0.1, 0.11, 7.0):
        tally.add(seconds)
    assert tally.buckets() == [("0.1", 2.0), ("0.5", 3.0), ("1.0", 3.0), ("+Inf", 4.0)]
    assert tally.total == pytest.approx(7.26)


def test_lists_are_counted_by_where_their_products_came_from_and_by_their_length(
    serve: Serve, registry: Registry
) -> None:
    version = publish(registry)
    server = serve().until_ready()
    route = "/api/users/{user_id}/recommendations"
    asked = [server.client.get(f"/api/users/{user}/recommendations?k={k}").json() for user, k in USERS_AND_LENGTHS]
    assert {answer["source"] for answer in asked} >= {"popular", "mixed"}
    for source in ("personal", "popular", "mixed"):
        labels = f'route="{route}",source="{source}",model_version="{version}"'
        lengths = [len(answer["items"]) for answer in asked if answer["source"] == source]
        assert server.metric(f"recommendation_lists_total{{{labels}}}") == (len(lengths) or None)
        assert server.metric(f"recommendation_list_products_sum{{{labels}}}") == (sum(lengths) or None)
    server.client.get("/api/products/4711/similar")
    assert "4711" not in server.client.get("/metrics").text
    assert 'route="/api/products/{product_id}/similar",source=' not in server.client.get("/metrics").text


USERS_AND_LENGTHS = [("1", 1), ("1", 5), ("2", 2), ("nobody", 3), ("nobody else", 5)]


def test_a_hundred_swaps_leave_the_series_of_three_versions(serve: Serve, registry: Registry) -> None:
    versions = [publish(registry, numbered_model(1))]
    server = serve().until_ready()
    server.client.get("/api/products/popular")
    for number in range(2, 102):
        versions.append(publish(registry, numbered_model(number), promote=False))
        registry.promote(versions[-1], "test", registry.pointer_state())
        server.until_served(versions[-1])
        server.client.get("/api/products/popular")
    text = server.client.get("/metrics").text
    assert {version for version in versions if version in text} == set(versions[-3:])
    assert text.count("\nrecommendation_lists_total{") == 3
    assert server.metric("model_reloads_total") == 101


def test_a_version_that_comes_back_goes_on_counting() -> None:
    figures = RequestFigures()
    for version in ("a", "b", "a", "c", "d"):
        figures.tell_apart(version)
        figures.note(popular_of(version))
    assert counted(figures) == {"a": 2, "c": 1, "d": 1}


def test_the_last_requests_of_a_version_that_is_dropped_make_no_series_of_their_own() -> None:
    figures = RequestFigures()
    for version in "abcdefg":
        figures.tell_apart(version)
    for version in "abcdefg":
        figures.note(popular_of(version))
    assert counted(figures) == {"earlier": 4, "e": 1, "f": 1, "g": 1}


def popular_of(version: str) -> Exchange:
    return Exchange({"method": "GET"}, {"request_id": "1"}, model_version=version)


def counted(figures: RequestFigures) -> dict[str, float]:
    (requests,) = [family for family in figures.collect() if family.name == "http_requests"]
    return {one.labels["model_version"]: one.value for one in requests.samples if one.name == "http_requests_total"}


def test_no_client_can_make_new_labels(serve: Serve) -> None:
    server = serve().until_ready()
    for path in ("/secret/1", "/secret/2", "/docs/assets/secret", "/api/users"):
        server.client.get(path, headers={"X-Request-ID": "secret"})
    server.client.request("PROPFIND", "/secret/3")
    server.client.request("REPORT", "/secret/4")
    text = server.client.get("/metrics").text
    assert "secret" not in text
    unmatched = 'route="unmatched",status="404",model_version=""'
    assert server.metric(f'http_requests_total{{method="GET",{unmatched}}}') == 4
    assert server.metric(f'http_requests_total{{method="other",{unmatched}}}') == 2


def test_methods_that_a_route_does_not_take_are_one(serve: Serve) -> None:
    server = serve().until_ready()
    for method in ("PUT", "PATCH", "DELETE", "POST", "PROPFIND"):
        assert server.client.request(method, "/healthz").status_code == 405
    of = 'route="/healthz",status="405",model_version=""'
    assert server.metric(f'http_requests_total{{method="other",{of}}}') == 5
    histogram = 'http_request_duration_seconds_count{method="%s",model_version="",route="/healthz"}'
    text = server.client.get("/metrics").text
    assert histogram % "other" in text
    assert histogram % "PUT" not in text


def test_two_applications_count_apart(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    first, second = serve().until_ready(), serve().until_ready()
    first.client.get("/api/products/popular")
    counted = f'{{method="GET",route="/api/products/popular",status="200",model_version="{version}"}}'
    assert first.metric(f"http_requests_total{counted}") == 1
    assert second.metric(f"http_requests_total{counted}") is None


def test_prometheus_own_parser_reads_the_metrics(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve().until_ready()
    server.client.get("/api/products/popular")
    families = {one.name: one for one in text_string_to_metric_families(server.client.get("/metrics").text)}
    assert {"http_requests", "recommendation_lists", "model_users"} <= set(families)
    assert families["http_request_duration_seconds"].type == "histogram"
    assert families["recommendation_list_products"].type == "histogram"
