"""A client that openapi-typescript makes of the API's document compiles strictly and asks a real server."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.doc_examples import example, output_of
from tests.api.live import TOKEN, ThreadServer
from tests.builders import publish
from tests.parts.missing import PartMissingError, find_program
from tests.programs.npm_packages import npm_packages

SECTION = "A client of your own"
PROGRAM = Path(__file__).with_name("every_operation.ts")
COMPILE = ("--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom")
WRONG = (
    'await shop.GET("/api/products/{product_id}/similar", { params: { path: { product: "10" } } });',
    'await shop.GET("/api/products/popular", { params: { query: { k: "many" } } });',
    'await shop.POST("/api/recommendations", { body: { k: 2 } });',
    'await shop.POST("/api/products/popular");',
)


class Workshop:
    """A folder with the documented packages, in which a client is made, and programs are compiled and run."""

    def __init__(self, folder: Path, node: str) -> None:
        self._folder, self._node = folder, node
        (folder / "node_modules").symlink_to(npm_packages("typescript-client") / "node_modules")
        self.write("package.json", '{"type": "module"}')

    def write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text)

    def run(self, *command: str) -> str:
        """Run a program of ours, or one of the packages where `npx` finds it."""
        return output_of(self._node, *command, folder=self._folder)

    def compile(self, *names: str) -> dict[str, set[int]]:
        """Compile programs, and give the lines of each that the compiler does not take."""
        command = [self._node, "node_modules/.bin/tsc", *COMPILE, *names]
        said = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False).stdout
        found: dict[str, set[int]] = {}
        for name, line in re.findall(r"^(.+)\((\d+),\d+\): error", said, flags=re.MULTILINE):
            found.setdefault(name, set()).add(int(line))
        return found


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    try:
        node = find_program("node", "Node.js is not installed: make parts")
        return Workshop(tmp_path_factory.mktemp("typescript"), node)
    except PartMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def errors(workshop: Workshop, shop: ThreadServer) -> dict[str, set[int]]:
    """The lines of all programs that do not fit the client that the documented command made."""
    npx, name, *arguments = example(SECTION, "npx openapi-typescript", shop).split()
    assert npx == "npx"
    workshop.run(f"node_modules/.bin/{name}", *arguments)
    workshop.write("documented.ts", example(SECTION, "import createClient", shop))
    workshop.write(PROGRAM.name, PROGRAM.read_text())
    workshop.write("wrong.ts", "\n".join([*beginning(), *WRONG]))
    return workshop.compile("documented.ts", PROGRAM.name, "wrong.ts")


def beginning() -> list[str]:
    return PROGRAM.read_text().partition("\ntype Problem")[0].splitlines()


def test_only_what_the_document_does_not_have_fails_to_compile(errors: dict[str, set[int]]) -> None:
    n_right = len(beginning())
    assert errors == {"wrong.ts": {n_right + number for number in range(1, len(WRONG) + 1)}}


def test_the_documented_lines_show_similar_products_and_complete_a_basket(
    workshop: Workshop, errors: dict[str, set[int]]
) -> None:
    assert "documented.ts" not in errors
    told = workshop.run("documented.js")
    assert told.startswith("[ '20', '30', '50', '40' ]")
    assert "product_id: '30'" in told


def test_every_operation_is_asked_for_as_its_types_say(
    workshop: Workshop, errors: dict[str, set[int]], serve: Serve, registry: Registry
) -> None:
    assert PROGRAM.name not in errors
    first, second = publish(registry), publish(registry)
    server = serve([sys.executable, "-c", ""])
    server.until_served(second)
    said = workshop.run("every_operation.js", f"http://127.0.0.1:{server.port}", TOKEN, first)
    told = [json.loads(line) for line in said.splitlines()]
    assert told == expected_of(first, second)
    assert {operation for operation, _, _ in told} == operations(server)


def expected_of(first: str, second: str) -> list[list[Any]]:
    """The operation, the status, and what the program looked at, or the problem's code."""
    return [
        ["popular_products", 200, ["50", "40"]],
        ["similar_products", 200, ["20", "30"]],
        ["similar_products", 404, "product_not_found"],
        ["product_substitutes", 200, []],
        ["product_complements", 200, []],
        ["user_recommendations", 200, [["20", "30"], True]],
        ["basket_recommendations", 200, [["20", "30"], ["4711"]]],
        ["basket_recommendations", 200, ["20", "30"]],
        ["batch_recommendations", 200, [["1", True, ["20", "30"]], ["nobody", False, ["50", "40"]]]],
        ["model_in_service", 200, second],
        ["model_versions", 200, 2],
        ["health", 200, True],
        ["is_alive", 200, "alive"],
        ["is_ready", 200, second],
        ["metrics", 200, True],
        ["roll_back", 401, "not_authorized"],
        ["roll_back", 200, first],
        ["retrain", 202, 12],
        ["training_run", 200, True],
        ["run_log", 404, "run_not_found"],
        ["erase_user", 204, None],
        ["look_for_erasures", 204, None],
    ]


def operations(server: ThreadServer) -> set[str]:
    document = server.client.get("/openapi.json").json()
    return {operation["operationId"] for methods in document["paths"].values() for operation in methods.values()}
