"""What was wrong with a request, in words: the field, the reason, and what was given, cut short."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

_MOST_ERRORS: Final = 10
_LONGEST_TEXT: Final = 60


def wrong_fields(details: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Describe the first few of pydantic's errors; nothing a client sent is given back at length."""
    return [_describe(detail) for detail in details[:_MOST_ERRORS]]


def in_words(fields: Sequence[Mapping[str, str]]) -> str:
    """Put the errors into one sentence."""
    return "; ".join(
        f"{field['field']}: {field['problem']}" + (f", it was {field['given']}" if "given" in field else "")
        for field in fields
    )


def body_is_not_json(details: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the body could not be read as JSON at all."""
    return any(detail["type"] == "json_invalid" for detail in details)


def body_is_not_said_to_be_json(details: Sequence[Mapping[str, Any]]) -> bool:
    """Whether there was a body that nobody tried to read, since its Content-Type is not JSON."""
    return any(tuple(detail["loc"]) == ("body",) and isinstance(detail.get("input"), bytes) for detail in details)


def shorten(value: object) -> str:
    """Give a value as text of bounded length, at a bounded cost."""
    if isinstance(value, str):
        return repr(value) if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]!r}… ({len(value):,} characters)"
    if isinstance(value, (list, dict)):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value):,}"
    text = json.dumps(value, default=repr)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _describe(detail: Mapping[str, Any]) -> dict[str, str]:
    if detail["type"] == "json_invalid":
        return {"field": "body", "problem": f"{detail['ctx']['error']} at character {detail['loc'][-1]}"}
    reason = str(detail["msg"]).removeprefix("Value error, ")
    described = {"field": _name(detail["loc"]), "problem": reason[0].lower() + reason[1:]}
    if detail["type"] != "missing":
        described["given"] = shorten(detail.get("input"))
    return described


def _name(location: Sequence[str | int]) -> str:
    """Name a field as JavaScript would: events[0].event."""
    name = ""
    for part in location[1:]:
        name += f"[{part}]" if isinstance(part, int) else f".{part}"
    name = name.removeprefix(".") or str(location[0])
    return name if len(name) <= _LONGEST_TEXT else f"{name[:_LONGEST_TEXT]}…"
