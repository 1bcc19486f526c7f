"""The shop's events as columns: what extraction gives, and what a shop's own preprocessing takes and returns."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.ids import Ids


@dataclass(frozen=True)
class Events:
    """One row an event; all columns are (n_events,), in the order in which the database gave them.

    `user_idx` and `item_idx` int32 are positions in `users` and `products`; `weight` float32; `occurred_at` uint32 is
    in seconds since 1970-01-01 UTC; `kind` uint8 is a position in `kinds`, such as ("purchase", "view").
    """

    users: Ids
    products: Ids
    kinds: tuple[str, ...]
    user_idx: NDArray[np.int32]
    item_idx: NDArray[np.int32]
    weight: NDArray[np.float32]
    occurred_at: NDArray[np.uint32]
    kind: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.user_idx)

    @property
    def counts(self) -> dict[str, int]:
        """The number of events by kind."""
        counts = np.bincount(self.kind, minlength=len(self.kinds))
        return dict(zip(self.kinds, counts.tolist(), strict=True))

    @property
    def until(self) -> datetime | None:
        """When the newest event occurred, None where there is none."""
        return datetime.fromtimestamp(int(self.occurred_at.max()), UTC) if len(self) else None

    def where(self, keep: NDArray[np.bool_]) -> Self:
        """Give the events for which `keep` (n_events,) is true."""
        columns = ("user_idx", "item_idx", "weight", "occurred_at", "kind")
        return replace(self, **{name: getattr(self, name)[keep] for name in columns})

    def without_unused_ids(self) -> Self:
        """Give the same events, with just the users and products that have one."""
        users, user_idx = _used(self.users, self.user_idx)
        products, item_idx = _used(self.products, self.item_idx)
        return replace(self, users=users, products=products, user_idx=user_idx, item_idx=item_idx)

    def with_weight(self, weight: NDArray[np.float32]) -> Self:
        """Give the same events with other weights, (n_events,)."""
        return replace(self, weight=weight.astype(np.float32, copy=False))


def _used(ids: Ids, idx: NDArray[np.int32]) -> tuple[Ids, NDArray[np.int32]]:
    is_used = np.bincount(idx, minlength=len(ids)) > 0
    if is_used.all():
        return ids, idx
    new_idx = (np.cumsum(is_used) - 1).astype(np.int32)
    return ids.take(np.flatnonzero(is_used)), new_idx[idx]
