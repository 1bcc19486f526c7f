"""How often one client address may ask for what is worth guarding; all in memory, and of bounded size."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

_MOST_ADDRESSES: Final = 10_000
# Whoever has one address of IPv6 has as a rule all of its /64.
_IPV6_PREFIX: Final = 64


@dataclass
class _Bucket:
    """Since when an address' bucket would be full again, and whether its last request was refused."""

    full_at: float
    is_refused: bool = False


@dataclass(frozen=True)
class Refusal:
    """Seconds until the next request is taken; whether it is the first that was refused since one was taken."""

    wait_seconds: float
    is_first: bool


class Rate(Protocol):
    """Who may ask how often, wherever that is counted."""

    def take(self, address: str) -> Refusal | None:
        """Count a request of an address; where it is one too many, it is not counted."""

    def refused(self, address: str) -> Refusal | None:
        """Tell whether the next request of an address would be one too many, and count nothing."""


class RateLimit:
    """A token bucket for each client address: a minute's requests at once, and then as they drip in.

    A bucket is one time, that at which it is full again; each request moves it on by what one request takes to drip in
    (the generic cell rate algorithm, ITU-T I.371). Of more than `most_addresses`, the one that asked longest ago is
    forgotten.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        most_addresses: int = _MOST_ADDRESSES,
    ) -> None:
        self._cost_seconds, self._depth_seconds = 60 / per_minute, 60.0
        self._clock, self._most_addresses = clock, most_addresses
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = Lock()

    def take(self, address: str) -> Refusal | None:
        """Count a request of an address; where it is one too many, it is not counted."""
        with self._lock:
            now = self._clock()
            bucket = self._bucket(network_of(address), now)
            full_at = max(bucket.full_at, now) + self._cost_seconds
            refusal = self._refusal(bucket, full_at - now)
            bucket.is_refused = refusal is not None
            if refusal is None:
                bucket.full_at = full_at
            return refusal

    def refused(self, address: str) -> Refusal | None:
        """Tell whether the next request of an address would be one too many, and count nothing."""
        with self._lock:
            bucket = self._buckets.get(network_of(address))
            if bucket is None:
                return None
            now = self._clock()
            refusal = self._refusal(bucket, max(bucket.full_at, now) + self._cost_seconds - now)
            bucket.is_refused = refusal is not None
            return refusal

    def _refusal(self, bucket: _Bucket, drip_seconds: float) -> Refusal | None:
        over = drip_seconds - self._depth_seconds
        # Sums of fractions of a minute are not exact.
        return Refusal(over, not bucket.is_refused) if over > self._cost_seconds / 1000 else None

    def _bucket(self, network: str, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(network, _Bucket(now))
        self._buckets.move_to_end(network)
        while len(self._buckets) > self._most_addresses:
            self._buckets.popitem(last=False)
        return bucket


def network_of(address: str) -> str:
    """Give what counts as one client: an IPv4 address, an IPv6 network of 64 bits; what is neither is all one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(found), _IPV6_PREFIX), strict=False))
