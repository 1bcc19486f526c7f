"""Who asked to be forgotten, as the store remembers it: without an id that could be read.

`erased/users/<digest>.json` is one such request, create-only, so that no two can overwrite each other; the digest is
HMAC-SHA-256 (RFC 2104) of the user's id under the store's own salt, `erased/salt`. So names of objects, which logs and
inventories of a store show, lead to nobody, and are looked up in no table. Whoever reads the salt can still try ids.

`erased/newest` changes with every request, after its object is written: whoever finds it as it was has all there are,
and a look costs one small read however many there are.
"""

import hmac
import json
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from registry.objects import ObjectExistsError, ObjectMissingError, ObjectStore
from runtime.errors import BadDataError

ERASED: Final = "erased/"
SALT_KEY: Final = f"{ERASED}salt"
NEWEST_KEY: Final = f"{ERASED}newest"
_USERS: Final = f"{ERASED}users/"
_SUFFIX: Final = ".json"
_SALT_BYTES: Final = 32


class DamagedErasuresError(BadDataError):
    """It cannot be told any more who was erased."""


@dataclass(frozen=True)
class ErasedUsers:
    """The users who were erased, as far as `newest` tells; no salt: nobody ever was.

    `newest` is the etag that `erased/newest` had before the users were listed, None where there was none.
    """

    salt: bytes = b""
    digests: frozenset[str] = frozenset()
    newest: str | None = None

    def __len__(self) -> int:
        return len(self.digests)

    def __contains__(self, user_id: str) -> bool:
        return bool(self.digests) and digest_of(self.salt, user_id) in self.digests


class Erasures:
    """The requests in a store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def read(self, known: ErasedUsers | None = None) -> ErasedUsers:
        """Give who was erased by now: `known` itself where nobody was since. Raises DamagedErasuresError."""
        newest = self._newest()
        if known is not None and newest == known.newest:
            return known
        digests = self._digests()
        return ErasedUsers(self._salt() if digests else b"", digests, newest)

    def add(self, user_id: str, by: str) -> str:
        """Remember that a user is to be forgotten, and give the digest; again is as good as once.

        Raises DamagedErasuresError.
        """
        self._make_salt()
        digest = digest_of(self._salt(), user_id)
        body = json.dumps({"erased_at": datetime.now(UTC).isoformat(timespec="seconds"), "by": by}).encode()
        with suppress(ObjectExistsError):
            self._store.put(f"{_USERS}{digest}{_SUFFIX}", body, if_none_match=True)
        # Also where the object was there: whoever wrote it may have died before this.
        self._store.put(NEWEST_KEY, uuid.uuid4().hex.encode())
        return digest

    def _newest(self) -> str | None:
        try:
            return self._store.get(NEWEST_KEY).etag
        except ObjectMissingError:
            return None

    def _digests(self) -> frozenset[str]:
        return frozenset(info.key.removeprefix(_USERS).removesuffix(_SUFFIX) for info in self._store.list(_USERS))

    def _salt(self) -> bytes:
        try:
            salt = self._store.get(SALT_KEY).body
        except ObjectMissingError:
            salt = b""
        if len(salt) != _SALT_BYTES:
            raise DamagedErasuresError(
                f"{SALT_KEY} is missing or damaged: who was erased cannot be told",
                hint=f"Bring it back from a backup; without one, remove all below {ERASED} and erase the users anew",
            )
        return salt

    def _make_salt(self) -> None:
        """Make the salt with the first request; never a new one beside requests under an old one."""
        if next(iter(self._store.list(_USERS)), None) is None:
            with suppress(ObjectExistsError):
                self._store.put(SALT_KEY, secrets.token_bytes(_SALT_BYTES), if_none_match=True)


def digest_of(salt: bytes, user_id: str) -> str:
    """Give the name under which a user's request is kept."""
    return hmac.digest(salt, user_id.encode(errors="surrogatepass"), "sha256").hex()
