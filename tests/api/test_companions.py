"""What takes a product's place and what goes with it, told apart, with the shoppers behind it."""

from dataclasses import replace

import numpy as np

from model.companions import Companions
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ThreadServer
from tests.builders import a_catalogue, a_model, publish


def companions(*pairs: tuple[int, int]) -> Companions:
    """Those of product 10: (item, shoppers)."""
    items, shoppers = zip(*pairs, strict=True)
    n = len(pairs)
    return Companions(np.array([0, n, n, n, n, n]), np.array(items, np.int32), np.array(shoppers, np.int32))


def test_substitutes_and_complements_are_told_apart_with_their_shoppers(serve: Serve, registry: Registry) -> None:
    compared, bought = companions((2, 7), (4, 9), (3, 5)), companions((3, 6))
    publish(registry, replace(a_model(), substitutes=compared, complements=bought))
    client = serve().until_ready().client
    answer = client.get("/api/products/10/substitutes?k=2").json()
    assert answer["items"] == [{"product_id": "30", "shoppers": 7}, {"product_id": "50", "shoppers": 9}]
    assert answer["counted"]
    assert client.get("/api/products/10/complements").json()["items"] == [{"product_id": "40", "shoppers": 6}]
    fewer = client.get("/api/products/10/substitutes?k=2&exclude=50").json()
    assert [item["product_id"] for item in fewer["items"]] == ["30", "40"]


def test_a_product_without_companions_gets_an_empty_list(serve: Serve, registry: Registry) -> None:
    publish(registry, replace(a_model(), complements=companions((3, 6))))
    answer = serve().until_ready().client.get("/api/products/20/complements").json()
    assert (answer["items"], answer["counted"]) == ([], True)


def test_what_cannot_be_bought_is_no_substitute(serve: Serve, registry: Registry) -> None:
    publish(registry, replace(a_model(), catalogue=a_catalogue(), substitutes=companions((1, 8), (2, 7))))
    answer = serve().until_ready().client.get("/api/products/10/substitutes").json()
    assert answer["items"] == [{"product_id": "30", "shoppers": 7}]


def test_a_product_that_nobody_had_yet_has_none(serve: Serve, registry: Registry) -> None:
    publish(registry, replace(a_model(), catalogue=a_catalogue(), substitutes=companions((1, 8), (2, 7))))
    client = serve().until_ready().client
    for product_id in ("15", "60"):
        answer = client.get(f"/api/products/{product_id}/substitutes")
        assert (answer.status_code, answer.json()["items"], answer.json()["counted"]) == (200, [], True)


def test_a_model_that_counted_none_says_so(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/products/10/complements").json()
    assert (answer["items"], answer["counted"]) == ([], False)


def test_companions_of_an_unknown_product_are_a_404(shop: ThreadServer) -> None:
    for path in ("substitutes", "complements"):
        answer = shop.client.get(f"/api/products/4711/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "product_not_found")
