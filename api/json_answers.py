"""JSON answers, rendered by orjson."""

import json
from typing import Any

import orjson
from starlette.responses import JSONResponse


class JsonAnswer(JSONResponse):
    """A JSON answer."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 (Starlette's signature)
        """Render the content as UTF-8.

        orjson refuses integers beyond 64 bits and halves of surrogate pairs, which a foreign health.json may hold.
        """
        try:
            return orjson.dumps(content)
        except TypeError:
            return json.dumps(content).encode()
