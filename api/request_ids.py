"""The id of a request: the caller's own where it is sane, else a new one."""

import re
import secrets
from collections.abc import Iterable
from typing import Final

REQUEST_ID_HEADER: Final = b"X-Request-ID"
_SENT_AS: Final = REQUEST_ID_HEADER.lower()
# What is safe in a header, in JSON, in a log line and on a command line. A trace's id, a UUID and Base64 all are.
_SANE: Final = re.compile(rb"[A-Za-z0-9._:=+/-]{1,128}")


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Give the id for a request with these headers."""
    for name, value in headers:
        if name == _SENT_AS:
            return value.decode() if _SANE.fullmatch(value) else _new()
    return _new()


def _new() -> str:
    return secrets.token_hex(16)
