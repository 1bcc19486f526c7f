"""The server process: its socket, and uvicorn on it."""

import errno
import gc
import logging
import socket

import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.child_runs import trainer_command
from api.draining import DrainingServer
from api.http_protocol import protocol_with
from api.server_log import quieten
from api.settings import ApiSettings
from registry.settings import open_store
from runtime.errors import BadSettingsError, Exit

log = logging.getLogger(__name__)


def serve(settings: ApiSettings) -> Exit:
    """Serve until SIGTERM or Ctrl-C, then let the requests under way finish.

    Raises BadSettingsError where API_HOST:API_PORT cannot be had.
    """
    listener = listen(settings.api_host, settings.api_port)
    if settings.api_workers > 1:
        from api.workers.pod import serve_together  # noqa: PLC0415 (one worker needs none of this)

        return serve_together(settings, listener, trainer_command())
    app = create_app(settings, open_store(settings), trainer_command())
    server = DrainingServer(server_config(app, settings), settings.drain_seconds)
    # What is there by now stays until the end, and looking through it again and again makes requests wait.
    gc.freeze()
    log.info("Serving %s on http://%s:%d", settings.store_url, settings.api_host, settings.api_port)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        # uvicorn has shut down in good order, and then raises the signal that made it do so once more.
        log.info("Stopped")
    except SystemExit:
        # uvicorn's way of not having started, which it has told why.
        return Exit.FAILED
    return Exit.DONE


def listen(host: str, port: int) -> socket.socket:
    """Take the address before anything else is done. Raises BadSettingsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise _listen_error(error, host, port) from None


def server_config(app: ASGIApp, settings: ApiSettings) -> uvicorn.Config:
    """Give uvicorn's configuration: its log lines go where ours go, and only those that matter."""
    quieten()
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol_with(settings.request_seconds),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Not uvicorn's default, which believes whatever this machine forwards.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )


def _listen_error(error: OSError, host: str, port: int) -> BadSettingsError:
    if error.errno == errno.EADDRINUSE:
        return BadSettingsError(f"API_PORT={port} is in use on {host}", hint="Set another API_PORT")
    if error.errno == errno.EACCES:
        return BadSettingsError(f"API_PORT={port} needs rights that this process lacks", hint="Set one above 1023")
    return BadSettingsError(f"API_HOST={host!r} is no address of this machine: {error.strerror}")
