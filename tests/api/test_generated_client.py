"""A client that openapi-python-client makes of the API's document asks a real server, as docs/how-to.md shows."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.doc_examples import example, output_of
from tests.api.live import TOKEN, ThreadServer
from tests.builders import a_connected_model, publish

SECTION = "A client of your own"
BEGINNING = """
import json, sys
from recommender_client import AuthenticatedClient, Client
from recommender_client.api.health import health, is_ready
from recommender_client.api.model import model_in_service, model_versions, retrain, roll_back, training_run
from recommender_client.api.recommendations import (
    basket_recommendations, popular_products, similar_products, user_recommendations,
)
from recommender_client.models import Basket, RollbackRequest, Session, SessionEvent, Source
client = Client(sys.argv[1])
admin = AuthenticatedClient(sys.argv[1], token=sys.argv[2])
def ids_of(found):
    return [item.product_id for item in found.items]
def tell(*found):
    print(json.dumps(found))
"""

Ask = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def client_folder(shop: ThreadServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the documented command made a client."""
    folder = tmp_path_factory.mktemp("client")
    programs = str(Path(sys.executable).parent)
    command = example(SECTION, "openapi-python-client", shop).split()
    made = output_of(f"{programs}/{command[0]}", *command[1:], folder=folder, PATH=programs)
    assert "Warning" not in made
    return folder


@pytest.fixture(scope="module")
def ask(client_folder: Path) -> Ask:
    """Run lines that use the client in a process of their own, and give what they tell."""

    def run(lines: str, server: ThreadServer) -> list[Any]:
        arguments = ("-c", BEGINNING + lines, f"http://127.0.0.1:{server.port}", TOKEN)
        told: list[Any] = json.loads(output_of(sys.executable, "-W", "error", *arguments, folder=client_folder))
        return told

    return run


def test_the_documented_lines_show_similar_products_and_complete_a_basket(
    client_folder: Path, shop: ThreadServer
) -> None:
    lines = example(SECTION, "from recommender_client", shop)
    told = output_of(sys.executable, "-c", lines, folder=client_folder).splitlines()
    assert told[0] == "['20', '30', '50', '40']"
    assert "RecommendedProduct(product_id='30'" in told[1]


def test_similar_products_are_asked_for_by_product_and_length(ask: Ask, shop: ThreadServer) -> None:
    lines = "found = similar_products.sync('10', client=client, k=3); tell(ids_of(found), found.source)"
    assert ask(lines, shop) == [["20", "30", "50"], "mixed"]


def test_an_id_of_any_characters_reaches_the_server_whole(ask: Ask, shop: ThreadServer) -> None:
    problem = ask("tell(similar_products.sync('a/b %2F ü', client=client).detail)", shop)
    assert "'a/b %2F ü'" in problem[0]


def test_a_users_list_says_whether_the_user_is_known(ask: Ask, shop: ThreadServer) -> None:
    lines = "tell(*(user_recommendations.sync(user, client=client, k=2).user_known for user in ('1', 'nobody')))"
    assert ask(lines, shop) == [True, False]


def test_the_lists_of_many_users_come_in_one_answer(ask: Ask, shop: ThreadServer) -> None:
    lines = """
from recommender_client.api.recommendations import batch_recommendations
from recommender_client.models import BatchRequest
found = batch_recommendations.sync(client=client, body=BatchRequest(users=["2", "nobody"], k=1))
tell(*([one.user_id, one.user_known, ids_of(one)] for one in found.lists))
"""
    assert ask(lines, shop) == [["2", True, ["10"]], ["nobody", False, ["50"]]]


def test_a_basket_and_a_session_are_types_of_their_own(ask: Ask, shop: ThreadServer) -> None:
    lines = """
bodies = Basket(products=["10", "4711"], k=2), Session(events=[SessionEvent(product_id="10", event="view")], k=2)
lists = [basket_recommendations.sync(client=client, body=body) for body in bodies]
tell(*([ids_of(found), found.source, found.unknown_products] for found in lists))
"""
    assert ask(lines, shop) == [[["20", "30"], "session", ["4711"]], [["20", "30"], "session", []]]


def test_an_error_is_the_documented_problem(ask: Ask, shop: ThreadServer) -> None:
    lines = """
from recommender_client.models import ProblemDescription
missing = similar_products.sync_detailed("x", client=client)
wrong = popular_products.sync(client=client, k=0)
tell(type(missing.parsed) is ProblemDescription, int(missing.status_code), missing.parsed.code, wrong.errors[0].field)
"""
    assert ask(lines, shop) == [True, 404, "product_not_found", "k"]


def test_the_model_and_its_health_are_described(ask: Ask, shop: ThreadServer) -> None:
    lines = """
model, versions = model_in_service.sync(client=client), model_versions.sync(client=client).versions
tell(model.created_at.tzinfo is not None, versions[0].version == model.version, is_ready.sync(client=client).status,
     health.sync(client=client).model_version == model.version)
"""
    assert ask(lines, shop) == [True, True, "ready", True]


def test_admin_calls_take_a_token(ask: Ask, serve: Serve, registry: Registry) -> None:
    first, second = publish(registry), publish(registry, a_connected_model())
    server = serve([sys.executable, "-c", ""])
    server.until_served(second)
    lines = """
stranger = AuthenticatedClient(sys.argv[1], token="a guess")
started = retrain.sync(client=admin)
tell(roll_back.sync(client=stranger, body=None).code, roll_back.sync(client=admin, body=None).version,
     training_run.sync(started.run_id, client=admin).run_id == started.run_id)
"""
    assert ask(lines, server) == ["not_authorized", first, True]
