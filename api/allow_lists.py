"""Settings that list who is trusted: origins for browsers, host names, and proxies; each checked when it is read."""

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated, Final

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

ANY: Final = "*"
_LABEL: Final = r"[A-Za-z0-9_]([-A-Za-z0-9_]*[A-Za-z0-9_])?"
_NAME: Final = rf"{_LABEL}(\.{_LABEL})*"
_HOST: Final = re.compile(rf"(\*\.)?{_NAME}|\[[0-9A-Fa-f:.]+\]")
_ORIGIN: Final = re.compile(rf"https?://({_NAME}|\[[0-9A-Fa-f:.]+\])(:[0-9]{{1,5}})?")


def _each(check: Callable[[str], str]) -> Callable[[object], object]:
    """Give a check of a text of entries between commas."""

    def read(given: object) -> object:
        return tuple(check(entry.strip()) for entry in given.split(",")) if isinstance(given, str) else given

    return read


def _origin(entry: str) -> str:
    if entry != ANY and not _ORIGIN.fullmatch(entry):
        raise ValueError("must be origins such as https://shop.example.com, without a path, between commas, or *")
    return entry.lower()


def _host(entry: str) -> str:
    if entry != ANY and not _HOST.fullmatch(entry):
        raise ValueError("must be host names without a port, such as shop.example.com or *.example.com, between commas")
    return entry.lower()


def _proxy(entry: str) -> str:
    try:
        return str(ipaddress.ip_network(entry))
    except ValueError:
        raise ValueError("must be addresses or networks of proxies, such as 10.0.0.0/8, between commas") from None


Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_each(_origin))]
Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_each(_host))]
Proxies = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_each(_proxy))]
