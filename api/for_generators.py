"""What lets generators make a pleasant client of the OpenAPI document: names for its functions and for its bodies."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi.routing import APIRoute

# Programs are built on these names, which stay whatever the functions behind them are called.
OPERATION_IDS: Final[Mapping[str, str]] = {
    "similar": "similar_products",
    "substitutes": "product_substitutes",
    "complements": "product_complements",
    "erase": "erase_user",
    "look": "look_for_erasures",
    "recommendations": "user_recommendations",
    "batch": "batch_recommendations",
    "model": "model_in_service",
    "versions": "model_versions",
    "rollback": "roll_back",
    "run": "training_run",
    "healthz": "is_alive",
    "readyz": "is_ready",
}


def operation_id(route: APIRoute) -> str:
    """Name what a route does as a client's function may be named."""
    return OPERATION_IDS.get(route.name, route.name)


def summarise_operations(document: Mapping[str, Any]) -> None:
    """Head every operation with its name in words."""
    for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
        operation["summary"] = operation["operationId"].replace("_", " ").capitalize()


def name_alternatives(document: Mapping[str, Any]) -> None:
    """Make a body that must have one of several members a choice of bodies that each have one, by their titles.

    Generators know no rule about two members at once: they would let a client send anything.
    """
    schemas = document["components"]["schemas"]
    for name, schema in [(name, schema) for name, schema in schemas.items() if _is_choice_of_members(schema)]:
        members = {member for choice in schema["oneOf"] for member in choice["required"]}
        for choice in schema["oneOf"]:
            schemas[choice["title"]] = _alternative(schema, choice, members.difference(choice["required"]))
        named = [{"$ref": f"#/components/schemas/{choice['title']}"} for choice in schema["oneOf"]]
        schemas[name] = {"title": name, "description": schema["description"], "oneOf": named}


def _is_choice_of_members(schema: Mapping[str, Any]) -> bool:
    return all("required" in choice for choice in schema.get("oneOf", [{}]))


def _alternative(schema: Mapping[str, Any], choice: Mapping[str, Any], others: set[str]) -> dict[str, Any]:
    """Give the schema that has what the choice requires, and nothing that another choice requires."""
    properties = {name: dict(of) for name, of in schema["properties"].items() if name not in others}
    for name in choice["required"]:
        properties[name].pop("default", None)
    examples = [example for example in schema.get("examples", []) if not others & example.keys()]
    rest = {name: value for name, value in schema.items() if name != "oneOf"}
    required = [*schema.get("required", []), *choice["required"]]
    return {**rest, **choice, "required": required, "properties": properties, "examples": examples}
