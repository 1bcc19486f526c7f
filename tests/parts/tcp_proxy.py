"""A TCP proxy before a real server: it passes everything on until told to refuse, to delay, or to cut in the middle."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_READ_BYTES = 1 << 16
_ABORT = struct.pack("ii", 1, 0)


class TcpProxy:
    """Listens on a port of its own. What it is told holds for what passes from then on, in old connections too."""

    host = "127.0.0.1"

    def __init__(self, target_port: int) -> None:
        self._target = (self.host, target_port)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._allowed_bytes: int | None = None
        self._delay_seconds = 0.0
        self._lock = threading.Lock()
        self._listener = _listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._start_accepting()

    def cut_after(self, n_bytes: int) -> None:
        """Let so many more bytes of answers through, all connections together, then abort every connection."""
        self._allowed_bytes = n_bytes

    def delay(self, seconds: float) -> None:
        """Hold back each piece of an answer for so long."""
        self._delay_seconds = seconds

    def refuse(self) -> None:
        """Abort the connections there are and refuse new ones."""
        _close(self._listener)
        self._accepting.join()
        self._abort_all()

    def heal(self) -> None:
        """Pass everything on again, at the same port."""
        self._allowed_bytes, self._delay_seconds = None, 0.0
        if self._listener.fileno() == -1:
            self._listener = _listen(self.port)
            self._start_accepting()

    def _start_accepting(self) -> None:
        self._accepting = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._accepting.start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target)
        except OSError:
            client.close()
            return
        self._pairs.append((client, server))
        threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
        threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(_READ_BYTES):
                sink.sendall(self._let_through(piece) if is_answer else piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _let_through(self, piece: bytes) -> bytes:
        time.sleep(self._delay_seconds)
        with self._lock:
            if self._allowed_bytes is None:
                return piece
            allowed = piece[: self._allowed_bytes]
            self._allowed_bytes -= len(allowed)
        if len(allowed) < len(piece):
            self._abort_all()
        return allowed

    def _abort_all(self) -> None:
        """Reset the connections: the peer sees an error, not an orderly end."""
        while self._pairs:
            for end in self._pairs.pop():
                with suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
                _close(end)


@contextmanager
def tcp_proxy(target_port: int) -> Iterator[TcpProxy]:
    """Run a proxy for as long as the context lasts."""
    proxy = TcpProxy(target_port)
    try:
        yield proxy
    finally:
        proxy.refuse()


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def _close(end: socket.socket) -> None:
    """Wake whoever waits on a socket, then close it: closing alone wakes nobody."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
