"""The OpenAPI document: what every route can answer, problems included."""

from collections.abc import Iterable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp

from api.answers import ProblemDescription
from api.for_generators import name_alternatives, operation_id, summarise_operations
from api.problems import Kind, describe
from runtime import __version__

_SCHEMA: Final = "#/components/schemas/ProblemDescription"
# FastAPI's own spans tell the ids of users, and its exporters say with every batch that a collector is away.
_NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
_HEADERS: Final = {
    "RequestId": {
        "description": "The X-Request-ID that was sent, or a new one; the server's log lines of the request carry it.",
        "schema": {"type": "string", "examples": ["5f0c9a7be1d24c3f8a6b0d9e7c2f4a18"]},
    },
    "ModelVersion": {
        "description": "The model that gave this answer.",
        "schema": {"type": "string", "examples": ["20250105T020000Z-1f3c9a2e"]},
    },
}
_DESCRIPTION: Final = """\
Product recommendations for a shop. Ids are strings, whatever they are in the shop. Every error is problem+json
(RFC 9457), and its `code` tells errors apart."""


class DescribedApi(FastAPI):
    """FastAPI whose document knows the schema of problems, and whose middlewares are the outermost."""

    def __init__(self, **arguments: Any) -> None:  # noqa: ANN401 (FastAPI's own arguments)
        super().__init__(
            title="Recommender",
            version=__version__,
            description=_DESCRIPTION,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            generate_unique_id_function=operation_id,
            telemetry=_NO_TELEMETRY,
            **arguments,
        )

    def build_middleware_stack(self) -> ASGIApp:
        """Put our middlewares around all of FastAPI's own, which what they answer then need not pass."""
        ours, self.user_middleware = self.user_middleware, []
        app = super().build_middleware_stack()
        self.user_middleware = ours
        for middleware, arguments, named in reversed(ours):
            app = middleware(app, *arguments, **named)
        return app

    def openapi(self) -> dict[str, Any]:
        """Give the document."""
        document = super().openapi()
        schemas = document["components"]["schemas"]
        if "ProblemDescription" not in schemas:
            _drop_default_errors(document)
            _describe_headers(document)
            summarise_operations(document)
            name_alternatives(document)
            problem = ProblemDescription.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs"), ProblemDescription=problem)
        return document


def problem_answers(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """Describe the problems a route may answer, for its `responses`; what is not ready in time, any may answer."""
    all_kinds = (*dict.fromkeys((*kinds, Kind.ANSWER_TOO_SLOW)),)
    return {status: _answer([kind for kind in all_kinds if kind.status == status]) for status in _statuses(all_kinds)}


def _drop_default_errors(document: dict[str, Any]) -> None:
    """Take out the answer that FastAPI adds to every route with a parameter, and that this API never gives."""
    for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
        if "HTTPValidationError" in str(operation["responses"].get("422")):
            del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _describe_headers(document: dict[str, Any]) -> None:
    """Say which headers the answers have: whoever may say that there is no model otherwise says which one it was."""
    document["components"]["headers"] = _HEADERS
    for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
        answers: dict[str, dict[str, Any]] = operation["responses"]
        for answer in answers.values():
            answer.setdefault("headers", {})["X-Request-ID"] = {"$ref": "#/components/headers/RequestId"}
        if Kind.MODEL_NOT_TRAINED.code in str(answers.get("503")):
            answers["200"]["headers"]["X-Model-Version"] = {"$ref": "#/components/headers/ModelVersion"}


def _statuses(kinds: Iterable[Kind]) -> list[int]:
    return sorted({kind.status for kind in kinds})


def _answer(kinds: list[Kind]) -> dict[str, Any]:
    examples = {kind.code: {"value": describe(kind, "what was wrong this time")} for kind in kinds}
    content = {"schema": {"$ref": _SCHEMA}, "examples": examples}
    return {
        "description": ". Or: ".join(f"{kind.title} (`{kind.code}`)" for kind in kinds),
        "content": {"application/problem+json": content},
    }
