"""The tokens that open routes: how ADMIN_TOKEN is written, what a role may do, which token a client sent."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from pydantic import SecretStr

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,39}")
_SHAPES: Final = "`TOKEN`, `NAME TOKEN` or `NAME ROLE TOKEN`"
# So slow that a short token cannot be guessed from its fingerprint in a log.
_ROUNDS: Final = 20_000


class Role(StrEnum):
    """What a token's holder may do: change models, or only look."""

    ADMIN = "admin"
    METRICS = "metrics"


@dataclass(frozen=True)
class Token:
    """One token; no `name`: it was given none."""

    secret: bytes = field(repr=False)
    role: Role = Role.ADMIN
    name: str | None = None

    @cached_property
    def label(self) -> str:
        """What the audit log calls it: its name, or a fingerprint that does not lead back to it."""
        if self.name is not None:
            return self.name
        return "token-" + hashlib.pbkdf2_hmac("sha256", self.secret, b"recommender", _ROUNDS, dklen=4).hex()


def read_tokens(text: str) -> tuple[Token, ...]:
    """Read tokens that stand on lines of their own or between commas.

    Raises ValueError, which names the entry by its number and shows nothing of it.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    entries = [entry for line in lines for entry in line.split(",")]
    if not entries:
        raise ValueError("it is blank: leave it out to close the admin routes")
    tokens = tuple(_read(number, entry.split()) for number, entry in enumerate(entries, 1))
    if len({token.secret for token in tokens}) < len(tokens):
        raise ValueError("it holds the same token twice")
    return tokens


def tokens_of(admin: SecretStr | None, metrics: SecretStr | None) -> tuple[Token, ...]:
    """Give all tokens that the settings ADMIN_TOKEN and METRICS_TOKEN hold."""
    tokens = () if admin is None else read_tokens(admin.get_secret_value())
    if metrics is None:
        return tokens
    # Before the others: whoever scrapes with an admin's token stays an admin.
    return (Token(metrics.get_secret_value().encode(), Role.METRICS, "metrics"), *tokens)


def find_token(tokens: tuple[Token, ...], given: bytes) -> Token | None:
    """Give the token that was sent. It takes as long for a wrong one as for any of the right ones."""
    digest, found = hashlib.sha256(given).digest(), None
    for token in tokens:
        # Of digests, so that not even a token's length can be told from the time.
        is_it = hmac.compare_digest(digest, hashlib.sha256(token.secret).digest())
        found = token if is_it else found
    return found


def _read(number: int, words: list[str]) -> Token:
    match words:
        case [secret]:
            return Token(secret.encode())
        case [name, secret]:
            return Token(secret.encode(), Role.ADMIN, _name(number, name))
        case [name, role, secret]:
            return Token(secret.encode(), _role(number, role), _name(number, name))
        case []:
            raise ValueError(f"token {number} is empty")
        case _:
            raise ValueError(f"token {number} has {len(words)} words: write {_SHAPES}")


def _name(number: int, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"the name of token {number} may have up to 40 letters, digits and . _ @ -")
    return name


def _role(number: int, role: str) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise ValueError(f"the role of token {number} must be {' or '.join(Role)}") from None
