"""JSON answers, rendered by orjson."""

import json
from typing import Any

import orjson
from starlette.responses import JSONResponse


class JsonAnswer(JSONResponse):
    """A JSON answer."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 (Starlette's signature)
        """Render the content as UTF-8.

        A client may send half a surrogate pair in an id, which no UTF-8 can hold and orjson refuses: json escapes it.
        """
        try:
            return orjson.dumps(content)
        except TypeError:
            return json.dumps(content, allow_nan=False).encode()
