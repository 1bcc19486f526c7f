"""One question to a DNS server, asked by hand: the machine's own resolver does not know the cluster."""

import socket
import struct
from typing import Final

_ADDRESS_OF: Final = struct.pack(">HH", 1, 1)
_RECURSIVE: Final = 0x0100
_ANSWER_CODE: Final = 0x0F


def resolves(server: str, name: str, seconds: float = 0.5) -> bool:
    """Tell whether the server has an address for the name."""
    question = struct.pack(">6H", 1, _RECURSIVE, 1, 0, 0, 0) + _encoded(name) + _ADDRESS_OF
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(seconds)
        try:
            asking.sendto(question, (server, 53))
            answer = asking.recv(512)
        except OSError:
            return False
    _, flags, _, answers = struct.unpack(">4H", answer[:8])
    return not flags & _ANSWER_CODE and answers > 0


def _encoded(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
