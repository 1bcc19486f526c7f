"""Matrices to find neighbours in."""

import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st

# Multiples of 1/8: sums of their products are exact, so that equal scores are equal in whatever order they add up.
EIGHTHS = (0.125, 0.5, 1.0, 1.375, 2.625)


@st.composite
def matrices(draw: st.DrawFn, weights: tuple[float, ...] = EIGHTHS, most: int = 12) -> sp.csr_matrix:
    """Draw a small matrix, about a third of it empty."""
    n_users, n_items = draw(st.integers(1, most)), draw(st.integers(1, most))
    cell = st.sampled_from([0.0] * (len(weights) // 2) + list(weights))
    cells = draw(st.lists(cell, min_size=n_users * n_items, max_size=n_users * n_items))
    return sp.csr_matrix(np.array(cells, np.float32).reshape(n_users, n_items))


def a_shop(n_users: int, n_items: int, n_interactions: int, weights: tuple[float, ...] = EIGHTHS) -> sp.csr_matrix:
    """Make a matrix with items of very unequal fame, and users of unequal zeal."""
    rng = np.random.default_rng(7)
    fame = 1 / np.arange(1, n_items + 1) ** 0.8
    zeal = rng.lognormal(0, 1, n_users)
    users = rng.choice(n_users, n_interactions, p=zeal / zeal.sum())
    items = rng.permutation(n_items)[rng.choice(n_items, n_interactions, p=fame / fame.sum())]
    pairs = np.unique(users * n_items + items)
    chosen = rng.choice(np.array(weights, np.float32), len(pairs))
    return sp.csr_matrix((chosen, (pairs // n_items, pairs % n_items)), shape=(n_users, n_items))
