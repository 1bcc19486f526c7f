"""Schemathesis holds a real server to its own document: no answer of 5xx, and none that the document does not have."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import TOKEN, ThreadServer
from tests.builders import a_catalogue, a_model, publish


def hold_to_its_document(server: ThreadServer, folder: Path, *options: str) -> None:
    """Run Schemathesis with all its checks over every operation; what it finds fails the test."""
    document = server.client.get("/openapi.json").json()
    tell_what_no_document_can(document)
    hold_to(document, server, folder, *options)


def hold_to(document: dict[str, Any], server: ThreadServer, folder: Path, *options: str) -> None:
    (folder / "openapi.json").write_text(json.dumps(document))
    ended = subprocess.run(command(server, options), cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"Tested: {sum(map(len, document['paths'].values()))}\n" in ended.stdout


def tell_what_no_document_can(document: dict[str, Any]) -> None:
    """Say in a copy which kinds of event the model knows, and that in a query whatever is sent is a list of texts.

    Leave out max_price, which must not be below min_price.
    """
    schemas = document["components"]["schemas"]
    schemas["SessionEvent"]["properties"]["event"]["enum"] = ["purchase", "view"]
    for schema in schemas.values():
        schema.get("properties", {}).pop("max_price", None)
    for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
        described = operation.get("parameters", [])
        described[:] = [one for one in described if one["name"] != "max_price"]
        for choices in (one["schema"].get("anyOf", []) for one in described):
            for texts in [choice for choice in choices if choice.get("type") == "array"]:
                texts["items"] = {"anyOf": [texts["items"], {"type": ["number", "boolean"]}]}
                choices.append(texts["items"])


def as_a_stranger_sees_it(document: dict[str, Any]) -> None:
    """Leave in a copy what needs a token, and of its answers the one that whoever has none gets, whatever they send."""
    for methods in document["paths"].values():
        for method, operation in list(methods.items()):
            if {} in operation.get("security", [{}]):
                del methods[method]
            else:
                operation["responses"] = {"401": operation["responses"]["401"]}
    document["paths"] = {path: methods for path, methods in document["paths"].items() if methods}


def command(server: ThreadServer, options: Sequence[str]) -> list[str]:
    return [
        str(Path(sys.executable).with_name("st")),
        "run",
        "openapi.json",
        f"--url=http://127.0.0.1:{server.port}",
        "--generation-deterministic",
        "--mode=all",
        "--max-examples=10",
        # Not stateful: there a number counts as no list of texts, though in a query nothing tells them apart.
        "--phases=examples,coverage,fuzzing",
        "--no-color",
        *options,
    ]


def test_every_answer_of_a_shop_is_as_documented(serve: Serve, registry: Registry, tmp_path: Path) -> None:
    # Two versions, since one of the operations is a rollback.
    model = replace(a_model(), catalogue=a_catalogue())
    publish(registry, model)
    server = serve([sys.executable, "-c", ""], metrics_token="another-token")
    server.until_served(publish(registry, model))
    hold_to_its_document(server, tmp_path, f"--header=Authorization: Bearer {TOKEN}")


def test_every_answer_without_a_model_is_as_documented(serve: Serve, tmp_path: Path) -> None:
    server = serve().until_ready()
    hold_to_its_document(
        server, tmp_path, "--exclude-checks=not_a_server_error,positive_data_acceptance,negative_data_rejection"
    )


def test_without_a_token_every_admin_operation_answers_401_as_documented(
    serve: Serve, registry: Registry, tmp_path: Path
) -> None:
    server = serve([sys.executable, "-c", ""])
    version = publish(registry)
    server.until_served(version)
    document = server.client.get("/openapi.json").json()
    as_a_stranger_sees_it(document)
    assert len(document["paths"]) == 6
    # What is right is not accepted either, which is the point.
    hold_to(document, server, tmp_path, "--exclude-checks=positive_data_acceptance")
    assert server.client.get("/readyz").json()["model_version"] == version
