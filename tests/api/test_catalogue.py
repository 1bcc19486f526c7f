"""A model that carries the shop's catalogue is served as one without."""

from dataclasses import replace

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.builders import a_catalogue, a_model, publish


def test_a_model_with_a_catalogue_is_served_and_its_new_products_are_in_no_list(
    registry: Registry, serve: Serve
) -> None:
    publish(registry, replace(a_model(), catalogue=a_catalogue()))
    server = serve().until_ready()
    popular = server.client.get("/api/products/popular?k=100").json()["items"]
    assert [item["product_id"] for item in popular] == ["50", "40", "30", "10"]
    assert server.client.get("/api/products/60/similar").status_code == 404
