"""What it costs a request to be told of: `python -m benchmarks.telemetry`, in microseconds a request.

The application is called in this process, without a network; the lines of the access log go to /dev/null. Processor
time counts. The sides take short turns, since machines are not equally fast all the time, and the fastest counts.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import Message, Scope

from api.app import create_app
from api.exchanges import ObservedRequests
from api.settings import ApiSettings
from registry.files import FileStore
from registry.registry import Registry
from registry.settings import open_store
from runtime.logs import JsonFormatter
from tests.builders import publish

_TURNS: Final = 200
_REQUESTS: Final = 50
_PATH: Final = "/api/products/10/similar"


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, Path("/dev/null").open("w") as nowhere:
        handler = logging.StreamHandler(nowhere)
        handler.setFormatter(JsonFormatter())
        logging.basicConfig(handlers=[handler], level=logging.INFO)
        publish(Registry(FileStore(Path(folder))))
        sides = dict(_sides(f"file://{folder}"))
        fastest = asyncio.run(_fastest(sides))
    print("| told of | µs a request | more than nothing |\n|---|---|---|")
    for name, seconds in fastest.items():
        print(f"| {name} | {seconds * 1e6:.0f} | {(seconds - fastest['nothing']) * 1e6:.0f} |")


def _sides(store_url: str) -> Iterator[tuple[str, FastAPI]]:
    bare = _app(store_url, "none")
    bare.user_middleware[0] = Middleware(ObservedRequests, observers=())
    yield "nothing", bare
    yield "metrics", _app(store_url, "none")
    yield "metrics, and an access log of errors", _app(store_url, "errors")
    yield "metrics, and an access log of all", _app(store_url, "all")


def _app(store_url: str, access_log: str) -> FastAPI:
    settings = ApiSettings.load(_env_file=None, store_url=store_url, access_log=access_log)
    app = create_app(settings, open_store(settings), None)
    app.state.services.follower.check()
    return app


async def _fastest(sides: dict[str, FastAPI]) -> dict[str, float]:
    fastest = dict.fromkeys(sides, float("inf"))
    for _ in range(_TURNS):
        for name, app in sides.items():
            started = time.process_time()
            for _ in range(_REQUESTS):
                await app(_scope(), _receive, _send)
            fastest[name] = min(fastest[name], (time.process_time() - started) / _REQUESTS)
    return fastest


def _scope() -> Scope:
    headers = [(b"host", b"api"), (b"user-agent", b"shop/1.0"), (b"accept", b"*/*"), (b"connection", b"keep-alive")]
    address = {"client": ("10.0.0.1", 4711), "server": ("10.0.0.2", 8000), "scheme": "http", "http_version": "1.1"}
    asked = {"method": "GET", "path": _PATH, "raw_path": _PATH.encode(), "query_string": b"k=5", "root_path": ""}
    return {"type": "http", "asgi": {"version": "3.0"}, "headers": headers, "state": {}, **address, **asked}


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(_message: Message) -> None:
    return None


if __name__ == "__main__":
    main()
