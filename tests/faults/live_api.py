"""One API for all points of a store: a process that follows current.json, as shops run it, and is asked after each."""

import time
from collections.abc import Iterator
from typing import Final

import httpx

from runtime.errors import RecommenderError
from tests.api.live import ServerProcess

POLL_SECONDS: Final = "0.05"
_SWAP_SECONDS: Final = 10.0


class LiveApi:
    """The API of a store."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server

    def problems(self, version: str | None) -> Iterator[str]:
        """It serves this version within seconds; where there is none yet, it goes on with what it has, or says so."""
        if version is None:
            answer = self._ask("/api/products/popular?k=3")
            if answer is None or answer.status_code not in {200, 503}:
                yield f"the API answers {answer.status_code if answer else 'nothing'} without a current model"
            return
        if not self._comes_to(version):
            yield f"the API does not serve {version}: {self._health()}"
            return
        answer = self._ask("/api/products/popular?k=3")
        if answer is None or answer.status_code != 200 or len(answer.json()["items"]) != 3:
            yield f"the API answers {answer.text if answer else 'nothing'}"
        elif answer.json()["model_version"] != version:
            yield f"the API answers by {answer.json()['model_version']}"

    def _comes_to(self, version: str) -> bool:
        deadline = time.monotonic() + _SWAP_SECONDS
        while time.monotonic() < deadline:
            answer = self._ask("/readyz")
            if answer is not None and answer.status_code == 200 and answer.json()["model_version"] == version:
                return True
            time.sleep(0.02)
        return False

    def _health(self) -> str:
        answer = self._ask("/api/health")
        return answer.text if answer else "it does not answer"

    def _ask(self, path: str) -> httpx.Response | None:
        try:
            return self._server.client.get(path)
        except httpx.TransportError:
            if self._server.process.poll() is not None:
                raise RecommenderError(f"the API ended: {self._server.log[-2000:]}") from None
            return None
