"""What each user did: the question behind a personal list."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.sparse_rows import entries_of_rows
from model.translation import UNKNOWN


@dataclass(frozen=True)
class Histories:
    """User u's items are `indices[indptr[u]:indptr[u + 1]]`, with the weight of their events.

    `indptr` int64 (n_users + 1,), `indices` int32 and `weights` float32 (n_interactions,). `again` float32
    (n_interactions,) is what an item of the history adds to its own score, so that lists may hold it; None where lists
    are of items that a user does not have.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    weights: NDArray[np.float32]
    again: NDArray[np.float32] | None = None

    @classmethod
    def one(
        cls, items: NDArray[np.int32], weights: NDArray[np.float32], again: NDArray[np.float32] | None = None
    ) -> Self:
        """Take the history of one user; `items` int32, `weights` and `again` float32 are all (n,)."""
        return cls(np.array([0, len(items)], np.int64), items, weights, again)

    @property
    def n_users(self) -> int:
        """The number of users."""
        return len(self.indptr) - 1

    @property
    def n_interactions(self) -> int:
        """The number of (user, item) pairs with at least one event."""
        return len(self.indices)

    def of(self, user_idx: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Give a user's items and weights."""
        span = slice(self.indptr[user_idx], self.indptr[user_idx + 1])
        return self.indices[span], self.weights[span]

    def alone(self, user_idx: int) -> Self:
        """Give the history of one user, without a copy."""
        return self.between(user_idx, user_idx + 1)

    def of_users(self, users: NDArray[np.int32]) -> Self:
        """Give the histories of some users, in their order; one who is UNKNOWN has nothing."""
        sizes = np.zeros(len(users), np.int64)
        entries, sizes[users != UNKNOWN] = entries_of_rows(self.indptr, users[users != UNKNOWN])
        indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        again = None if self.again is None else self.again[entries]
        return type(self)(indptr, self.indices[entries], self.weights[entries], again)

    def between(self, first: int, last: int) -> Self:
        """Give the histories of the users from `first` up to but not including `last`, without a copy."""
        span = slice(self.indptr[first], self.indptr[last])
        indptr = self.indptr[first : last + 1] - self.indptr[first]
        again = None if self.again is None else self.again[span]
        return type(self)(indptr, self.indices[span], self.weights[span], again)

    def followed_by(self, since: "Histories") -> Self:
        """Give the history of one user with what they did since: weights of one item add up, items rise.

        What stands in `since` alone may be listed where the history's own items may, and adds nothing to its own score.
        """
        items, places = np.unique(np.concatenate([self.indices, since.indices]), return_inverse=True)
        weights = np.bincount(places, np.concatenate([self.weights, since.weights]), len(items)).astype(np.float32)
        if self.again is None:
            return self.one(items, weights)
        again = np.zeros(len(items), np.float32)
        again[places[: len(self.indices)]] = self.again
        return self.one(items, weights, again)

    def below(self, n_items: int) -> Self:
        """Give the history of one user without what stands behind the items of a model: it has no row there."""
        if not len(self.indices) or self.indices.max() < n_items:
            return self
        is_item = self.indices < n_items
        again = None if self.again is None else self.again[is_item]
        return self.one(self.indices[is_item], self.weights[is_item], again)

    def of_new_items(self) -> Self:
        """Give the same histories, for lists of items that a user does not have."""
        return replace(self, again=None)
