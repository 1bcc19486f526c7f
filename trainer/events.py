"""The shop's events as columns: what extraction gives, and what a shop's own preprocessing takes and returns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.ids import Ids, IntegerIds
from trainer.arrays.counts import counts_of
from trainer.arrays.scratch import IN_MEMORY, Scratch

if TYPE_CHECKING:
    from trainer.kernel.rows import Columns

T = TypeVar("T", bound=np.generic)
_BLOCK_EVENTS: Final = 1 << 18


@dataclass(frozen=True)
class Events:
    """One row an event; all columns are (n_events,), in the order in which the database gave them.

    `user_idx` and `item_idx` int32 are positions in `users` and `products`; `weight` float32; `occurred_at` uint32 is
    in seconds since 1970-01-01 UTC; `kind` uint8 is a position in `kinds`, such as ("purchase", "view"). Columns that
    are made of these are where `scratch` has room for them.
    """

    users: Ids
    products: Ids
    kinds: tuple[str, ...]
    user_idx: NDArray[np.int32]
    item_idx: NDArray[np.int32]
    weight: NDArray[np.float32]
    occurred_at: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    scratch: Scratch = IN_MEMORY

    def __len__(self) -> int:
        return len(self.user_idx)

    @property
    def columns(self) -> "Columns":
        """The columns that compiled code looks through."""
        return self.user_idx, self.item_idx, self.weight, self.occurred_at

    @property
    def counts(self) -> dict[str, int]:
        """The number of events by kind."""
        counts = counts_of(self.kind, len(self.kinds))
        return dict(zip(self.kinds, counts.tolist(), strict=True))

    @property
    def until(self) -> datetime | None:
        """When the newest event occurred, None where there is none."""
        return datetime.fromtimestamp(int(self.occurred_at.max()), UTC) if len(self) else None

    def blocks(self) -> Iterator[slice]:
        """Give the events some at a time, so that looking through all takes little memory."""
        return (slice(first, first + _BLOCK_EVENTS) for first in range(0, len(self), _BLOCK_EVENTS))

    def where(self, keep: NDArray[np.bool_]) -> Self:
        """Give the events for which `keep` (n_events,) is true."""
        return replace(
            self,
            user_idx=self._kept(self.user_idx, keep),
            item_idx=self._kept(self.item_idx, keep),
            weight=self._kept(self.weight, keep),
            occurred_at=self._kept(self.occurred_at, keep),
            kind=self._kept(self.kind, keep),
        )

    def each(self, tell: Callable[[slice], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """Tell something of each event, bool (n_events,), by block: to look all up at once takes eight bytes each."""
        return self._made(np.bool_, tell)

    def without_unused_ids(self) -> Self:
        """Give the same events, with just the users and products that have one."""
        users, user_idx = self._used(self.users, self.user_idx)
        products, item_idx = self._used(self.products, self.item_idx)
        return replace(self, users=users, products=products, user_idx=user_idx, item_idx=item_idx)

    def with_weight(self, weight: NDArray[np.float32]) -> Self:
        """Give the same events with other weights, (n_events,)."""
        return replace(self, weight=weight.astype(np.float32, copy=False))

    def weighed_by_kind(self, factors: NDArray[np.float32]) -> Self:
        """Give the same events, each weighing so many times as much as `factors` (n_kinds,) says of its kind."""
        weight = self._made(np.float32, lambda block: self.weight[block] * factors[self.kind[block]])
        return replace(self, weight=weight)

    def weighed_by_time(self, factors_at: Callable[[NDArray[np.uint32]], NDArray[np.float32]]) -> Self:
        """Give the same events, each weighing so many times as much as is said of its time, in seconds since 1970."""
        weight = self._made(np.float32, lambda block: self.weight[block] * factors_at(self.occurred_at[block]))
        return replace(self, weight=weight)

    def with_products_by_kind(self) -> Self:
        """Give the same events with the products once for each kind, those of a kind behind those of the kinds before.

        Such a product has no other id than its number.
        """
        n_products = np.int32(len(self.products))
        item_idx = self._made(np.int32, lambda block: self.kind[block] * n_products + self.item_idx[block])
        products = IntegerIds(np.arange(len(self.kinds) * len(self.products)))
        return replace(self, products=products, item_idx=item_idx)

    def _used(self, ids: Ids, idx: NDArray[np.int32]) -> tuple[Ids, NDArray[np.int32]]:
        is_used = counts_of(idx, len(ids)) > 0
        if is_used.all():
            return ids, idx
        new_idx = (np.cumsum(is_used) - 1).astype(np.int32)
        return ids.take(np.flatnonzero(is_used)), self._made(np.int32, lambda block: new_idx[idx[block]])

    def _kept(self, column: NDArray[T], keep: NDArray[np.bool_]) -> NDArray[T]:
        return self._made(column.dtype.type, lambda block: column[block][keep[block]])

    def _made(self, dtype: type[T], values: Callable[[slice], NDArray[T]]) -> NDArray[T]:
        """Make a column, block by block."""
        column = self.scratch.column(dtype)
        for block in self.blocks():
            column.append(values(block))
        return column.finish()
