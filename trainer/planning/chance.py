"""How many products share users, expected from how many users each has: what would take a self-join to count.

Were users to choose without taste, two products of u and v users would share u v S / interactions² users on average,
S being the sum over users of p (p - 1) for their p products: summed over all ordered pairs of different products that
is right. The number of users a pair shares is taken as a Poisson variable of that mean.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Products of about as many users are taken together, in so many steps to a doubling.
_STEPS_TO_A_DOUBLING: Final = 4

Floats = NDArray[np.float64]


def expected_pairs(users_of_products: Mapping[int, int], sharing: float, least: int, most: int) -> float:
    """Give how many ordered pairs of products share at least `least` users, `most` of a product counting at most.

    `users_of_products` is how many products (value) have so many users (key); `sharing` is S / interactions².
    """
    users, products = _grouped(users_of_products)
    most = min(most, int(products.sum()) - 1)
    pairs = 0.0
    for of_product, times in zip(users, products, strict=True):
        partners = float(_reaches(least, of_product * users * sharing) @ products)
        pairs += times * min(partners, most)
    return pairs


def _grouped(users_of_products: Mapping[int, int]) -> tuple[Floats, Floats]:
    """Give the mean users of each group of about equally popular products, and how many products are in it."""
    users = np.array(list(users_of_products), np.float64)
    products = np.array(list(users_of_products.values()), np.float64)
    group = np.floor(np.log2(users) * _STEPS_TO_A_DOUBLING).astype(np.int64)
    counts = np.bincount(group, products).astype(np.float64)
    sums = np.bincount(group, products * users).astype(np.float64)
    return sums[counts > 0] / counts[counts > 0], counts[counts > 0]


def _reaches(least: int, means: Floats) -> Floats:
    """Give the probability that a Poisson variable of each mean is at least `least`."""
    term = np.exp(-means)
    below = np.zeros_like(means)
    for count in range(least):
        below += term
        term = term * means / (count + 1)
    return np.clip(1.0 - below, 0.0, 1.0)
