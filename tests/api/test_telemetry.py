import pytest

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import JSON
from tests.builders import publish


def test_the_model_in_service_is_measured(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    server = serve().until_ready()
    assert server.metric(f'model_info{{version="{version}"}}') == 1
    assert server.metric("model_users") == 3
    assert server.metric("model_products") == 5
    assert server.metric("model_interactions") == 8
    assert server.metric("model_sparsity") == pytest.approx(1 - 8 / 15)
    assert 0 <= (server.metric("model_age_days") or -1) < 0.01
    assert (server.metric("model_reloads_total"), server.metric("model_problem")) == (1, 0)


def test_without_a_model_nothing_is_said_of_one(serve: Serve) -> None:
    server = serve().until_ready()
    assert server.metric("model_users") is None
    assert "model_info" not in server.client.get("/metrics").text
    assert server.metric("model_reloads_total") == 0


def test_only_the_version_in_service_is_named(serve: Serve, registry: Registry) -> None:
    old = publish(registry)
    server = serve().until_ready()
    new = publish(registry)
    server.until_served(new)
    assert server.metric(f'model_info{{version="{new}"}}') == 1
    assert old not in server.client.get("/metrics").text


def test_requests_are_counted_by_route_and_status(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve().until_ready()
    for product_id in ("10", "20", "a/b"):
        server.client.get(f"/api/products/{product_id}/similar")
    server.client.post("/api/recommendations", content=b"{", headers=JSON)
    route = 'method="GET",route="/api/products/{product_id}/similar"'
    assert server.metric(f'http_requests_total{{{route},status="200"}}') == 2
    assert server.metric(f'http_requests_total{{{route},status="404"}}') == 1
    assert server.metric(f"http_request_duration_seconds_count{{{route}}}") == 3
    assert server.metric('http_requests_total{method="POST",route="/api/recommendations",status="400"}') == 1


def test_no_client_can_make_new_labels(serve: Serve) -> None:
    server = serve().until_ready()
    for path in ("/secret/1", "/secret/2", "/docs/assets/secret", "/api/users"):
        server.client.get(path)
    server.client.request("PROPFIND", "/secret/3")
    server.client.request("REPORT", "/secret/4")
    text = server.client.get("/metrics").text
    assert "secret" not in text
    assert server.metric('http_requests_total{method="GET",route="unmatched",status="404"}') == 4
    assert server.metric('http_requests_total{method="other",route="unmatched",status="404"}') == 2


def test_two_applications_count_apart(serve: Serve, registry: Registry) -> None:
    publish(registry)
    first, second = serve().until_ready(), serve().until_ready()
    first.client.get("/api/products/popular")
    counted = 'http_requests_total{method="GET",route="/api/products/popular",status="200"}'
    assert (first.metric(counted), second.metric(counted)) == (1, None)
