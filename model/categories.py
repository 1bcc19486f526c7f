"""The products of each category, with how popular each is there."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.catalogue import Catalogue


@dataclass(frozen=True)
class CategoryRows:
    """Row c holds the products of the catalogue's category c, rising, those without an event included.

    `indptr` int64 (n_categories + 1,). `indices` int32 and `shares` float32 are of all products that have a category; a
    share is the product's popularity as a part of that of the category's most popular product, from 0 to 1.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    shares: NDArray[np.float32]

    @classmethod
    def of(cls, catalogue: Catalogue, popularity: NDArray[np.float32]) -> Self:
        """Sort the products by category; `popularity` is float32 (n_listable,), at least 0."""
        indices = np.argsort(catalogue.category, kind="stable").astype(np.int32)
        indptr = np.searchsorted(catalogue.category[indices], np.arange(len(catalogue.categories) + 1))
        indices = indices[indptr[0] :]
        category = catalogue.category[indices]
        top = np.zeros(len(catalogue.categories), np.float32)
        np.maximum.at(top, category, popularity[indices])
        shares = np.divide(
            popularity[indices], top[category], where=top[category] > 0, out=np.zeros_like(indices, "f4")
        )
        return cls((indptr - indptr[0]).astype(np.int64), indices, shares)
