"""The end of a server that has clients: it asks them to go elsewhere before it closes their connections.

A pod that ends is taken out of its Service first, but connections that stand are not cut by that. So for DRAIN_SECONDS
after the signal every answer says `Connection: close`, which a client obeys before its next request.
"""

import signal
import time
from types import FrameType
from typing import Final

import uvicorn

_CLOSE: Final = (b"connection", b"close")


class DrainingServer(uvicorn.Server):
    """uvicorn's server, which otherwise closes connections between two requests at once."""

    def __init__(self, config: uvicorn.Config, drain_seconds: float) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self._ends_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain on the first SIGTERM; end on any other signal."""
        if sig != signal.SIGTERM or self._ends_at is not None or not self._drain_seconds:
            super().handle_exit(sig, frame)
            return
        self._ends_at = time.monotonic() + self._drain_seconds
        # uvicorn makes its default headers anew from the configured ones every second.
        self.config.encoded_headers.append(_CLOSE)
        self.server_state.default_headers.append(_CLOSE)

    async def on_tick(self, counter: int) -> bool:
        """Look whether it is time to end, ten times a second."""
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            self.should_exit = True
        return await super().on_tick(counter)
