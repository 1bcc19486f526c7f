"""Who was erased, as this replica knows it: whatever version it serves, it knows these users no more."""

from threading import Lock

from registry.erasures import ErasedUsers, Erasures
from registry.objects import ObjectStore


class KnownErasures:
    """Read from the store, and read again; what was read once holds while the store is away."""

    def __init__(self, store: ObjectStore) -> None:
        self._store_erasures = Erasures(store)
        self._erased: ErasedUsers | None = None
        self._lock = Lock()

    def __contains__(self, user_id: str) -> bool:
        return self._erased is not None and user_id in self._erased

    def look(self) -> None:
        """Learn who was erased since the last look. Raises what the store raises, DamagedErasuresError."""
        # One look at a time: an older one must not put its users over those of a newer one.
        with self._lock:
            self._erased = self._store_erasures.read(self._erased)
