import re
from typing import Any

import pytest
from pydantic import BaseModel

from api.answers import (
    BasketRecommendationList,
    CompanionList,
    Health,
    ModelDescription,
    ProblemDescription,
    RecommendationList,
    RecommendedProduct,
    UserRecommendationList,
    VersionList,
)
from tests.api.live import ThreadServer

ROUTES = {
    "/api/products/popular": "get",
    "/api/products/{product_id}/similar": "get",
    "/api/products/{product_id}/substitutes": "get",
    "/api/products/{product_id}/complements": "get",
    "/api/users/{user_id}/recommendations": "get",
    "/api/recommendations": "post",
    "/api/recommendations/batch": "post",
    "/api/users/{user_id}": "delete",
    "/api/erasures/look": "post",
    "/api/model": "get",
    "/api/model/versions": "get",
    "/api/model/rollback": "post",
    "/api/model/retrain": "post",
    "/api/model/runs/{run_id}": "get",
    "/api/model/logs/{run_at}": "get",
    "/api/health": "get",
    "/healthz": "get",
    "/readyz": "get",
    "/metrics": "get",
}


@pytest.fixture(scope="module")
def document(shop: ThreadServer) -> dict[str, Any]:
    found: dict[str, Any] = shop.client.get("/openapi.json").json()
    return found


def test_every_route_is_described(document: dict[str, Any]) -> None:
    assert {path: next(iter(methods)) for path, methods in document["paths"].items()} == ROUTES


@pytest.mark.parametrize("path", ROUTES)
def test_every_answer_is_described_and_every_problem_has_an_example(document: dict[str, Any], path: str) -> None:
    operation = document["paths"][path][ROUTES[path]]
    assert operation["summary"]
    assert operation["description"]
    for status, answer in operation["responses"].items():
        assert answer["description"]
        if int(status) >= 400:
            content = answer["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/ProblemDescription"}
            assert all(example["value"]["status"] == int(status) for example in content["examples"].values())


def test_answers_have_a_request_id_and_those_of_a_model_name_it(document: dict[str, Any], shop: ThreadServer) -> None:
    headers = {}
    for path, method in ROUTES.items():
        answers = document["paths"][path][method]["responses"]
        assert all("X-Request-ID" in answer["headers"] for answer in answers.values()), path
        headers[path] = "X-Model-Version" in answers.get("200", {}).get("headers", ())
    assert {path for path, named in headers.items() if named} == {
        "/api/products/popular",
        "/api/products/{product_id}/similar",
        "/api/products/{product_id}/substitutes",
        "/api/products/{product_id}/complements",
        "/api/users/{user_id}/recommendations",
        "/api/recommendations",
        "/api/recommendations/batch",
        "/api/model",
    }
    for path, named in headers.items():
        if ROUTES[path] == "get":
            answer = shop.client.get(path.replace("{product_id}", "10").replace("{user_id}", "1"))
            assert ("X-Model-Version" in answer.headers) is named, path


def test_operations_keep_their_names(document: dict[str, Any]) -> None:
    names = {
        path: operation["operationId"]
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if path in ROUTES
    }
    assert names == {
        "/api/products/popular": "popular_products",
        "/api/products/{product_id}/similar": "similar_products",
        "/api/products/{product_id}/substitutes": "product_substitutes",
        "/api/products/{product_id}/complements": "product_complements",
        "/api/users/{user_id}": "erase_user",
        "/api/erasures/look": "look_for_erasures",
        "/api/users/{user_id}/recommendations": "user_recommendations",
        "/api/recommendations": "basket_recommendations",
        "/api/recommendations/batch": "batch_recommendations",
        "/api/model": "model_in_service",
        "/api/model/versions": "model_versions",
        "/api/model/rollback": "roll_back",
        "/api/model/retrain": "retrain",
        "/api/model/runs/{run_id}": "training_run",
        "/api/model/logs/{run_at}": "run_log",
        "/api/health": "health",
        "/healthz": "is_alive",
        "/readyz": "is_ready",
        "/metrics": "metrics",
    }


def test_every_operation_has_a_name_of_its_own_that_a_function_may_have(document: dict[str, Any]) -> None:
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", name) for name in names)


def test_a_basket_and_a_session_are_a_choice_of_two_named_bodies(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert [one["$ref"].rpartition("/")[2] for one in schemas["BasketRequest"]["oneOf"]] == ["Basket", "Session"]
    assert "products" not in schemas["Session"]["properties"]
    assert "events" not in schemas["Basket"]["properties"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    headers = set(re.findall(r"#/components/headers/(\w+)", str(document)))
    assert headers == set(document["components"]["headers"])
    names = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert names <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in names


def test_the_admin_routes_ask_for_a_token(document: dict[str, Any]) -> None:
    secured = {path for path, method in ROUTES.items() if document["paths"][path][method].get("security")}
    assert secured == {
        "/api/users/{user_id}",
        "/api/erasures/look",
        "/api/model/rollback",
        "/api/model/retrain",
        "/api/model/runs/{run_id}",
        "/api/model/logs/{run_at}",
        "/metrics",
    }
    assert document["paths"]["/metrics"]["get"]["security"] == [{}, {"token": []}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("/api/users/{user_id}", {"role_refused", "too_many_requests", "method_not_allowed", "store_unavailable"}),
        ("/api/erasures/look", {"role_refused", "too_many_requests", "store_unavailable"}),
        ("/api/model/retrain", {"not_authorized", "admin_disabled", "role_refused", "too_many_requests"}),
        ("/api/model/rollback", {"role_refused", "too_many_requests", "request_too_slow", "answer_too_slow"}),
        ("/api/model/runs/{run_id}", {"not_authorized", "admin_disabled", "too_many_requests"}),
        ("/api/model/logs/{run_at}", {"not_authorized", "admin_disabled", "run_not_found"}),
        ("/metrics", {"not_authorized", "too_many_requests"}),
        ("/api/recommendations", {"request_too_slow", "answer_too_slow"}),
        ("/api/products/popular", {"answer_too_slow"}),
    ],
)
def test_what_a_guard_may_answer_is_described(document: dict[str, Any], path: str, codes: set[str]) -> None:
    answers = document["paths"][path][ROUTES[path]]["responses"].values()
    examples = [answer.get("content", {}).get("application/problem+json", {}).get("examples", {}) for answer in answers]
    assert codes <= {code for example in examples for code in example}


def test_a_request_body_has_examples_that_work(document: dict[str, Any], shop: ThreadServer) -> None:
    schemas = document["components"]["schemas"]
    examples = [example for name in ("Basket", "Session") for example in schemas[name]["examples"]]
    assert len(examples) == 4
    for example in examples:
        assert shop.client.post("/api/recommendations", json=example).status_code == 200


@pytest.mark.parametrize(
    ("path", "described"),
    [
        ("/api/products/popular", RecommendationList),
        ("/api/products/10/similar", RecommendationList),
        ("/api/products/10/substitutes", CompanionList),
        ("/api/users/1/recommendations", UserRecommendationList),
        ("/api/model", ModelDescription),
        ("/api/model/versions", VersionList),
        ("/api/health", Health),
        ("/api/products/x/similar", ProblemDescription),
        ("/api/products/popular?k=0", ProblemDescription),
    ],
)
def test_answers_are_what_the_document_says(shop: ThreadServer, path: str, described: type[BaseModel]) -> None:
    answer = shop.client.get(path).json()
    described.model_validate(answer)
    required = {name for name, field in described.model_fields.items() if field.is_required()}
    assert required <= set(answer) <= set(described.model_fields)
    for item in answer.get("items", []):
        assert set(item) == set(RecommendedProduct.model_fields) - {"explanation"}


def test_a_basket_answer_is_what_the_document_says(shop: ThreadServer) -> None:
    answer = shop.client.post("/api/recommendations", json={"products": ["10"], "user_id": "1"}).json()
    BasketRecommendationList.model_validate(answer)
    assert set(answer) == set(BasketRecommendationList.model_fields)


def test_the_docs_page_and_all_it_loads_come_from_this_server(shop: ThreadServer) -> None:
    page = shop.client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) == 3
    for path in loaded:
        assert shop.client.get(path).status_code == 200
    assert '"validatorUrl": null' in page
