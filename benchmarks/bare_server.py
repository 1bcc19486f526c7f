"""The peer of benchmarks.serving: an application that gives one answer to all, on uvicorn as the API configures it."""

import json
import sys
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from api.server import listen, server_config
from api.settings import ApiSettings

_HOST: Final = "127.0.0.1"


def main() -> None:
    """Serve the answer in a file on a port: `python -m benchmarks.bare_server PORT FILE`."""
    port, path = int(sys.argv[1]), Path(sys.argv[2])
    headers, body = json.loads(path.read_text())
    app = _app([(name.encode(), value.encode()) for name, value in headers], body.encode())
    settings = ApiSettings.load(_env_file=None, api_host=_HOST, store_url=path.parent.as_uri())
    uvicorn.Server(server_config(app, settings)).run(sockets=[listen(_HOST, port)])


def _app(headers: list[tuple[bytes, bytes]], body: bytes) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


if __name__ == "__main__":
    main()
