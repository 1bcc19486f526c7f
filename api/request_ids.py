"""The id of a request: the caller's own where it is sane, else a new one."""

import os
import re
from collections.abc import Iterable
from typing import Final

REQUEST_ID_HEADER: Final = b"X-Request-ID"
_SENT_AS: Final = REQUEST_ID_HEADER.lower()
# What is safe in a header, in JSON, in a log line and on a command line. A trace's id, a UUID and Base64 all are.
_SANE: Final = re.compile(rb"[A-Za-z0-9._:=+/-]{1,128}")

_ID_BYTES: Final = 16
_IDS_AT_ONCE: Final = 256
_unused: Final[list[str]] = []


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Give the id for a request with these headers."""
    for name, value in headers:
        if name == _SENT_AS:
            return value.decode() if _SANE.fullmatch(value) else _new()
    return _new()


def _new() -> str:
    # Asking the system for as many bytes at once costs a fraction of asking each time. No pop fails halfway.
    try:
        return _unused.pop()
    except IndexError:
        random = os.urandom(_ID_BYTES * _IDS_AT_ONCE).hex()
        length = 2 * _ID_BYTES
        first, *rest = (random[start : start + length] for start in range(0, len(random), length))
        _unused.extend(rest)
        return first
