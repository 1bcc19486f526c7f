"""Recipes: what makes a score of what two items have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trainer.kernel.scores import SCALED_DOT

Floats = NDArray[np.float64]
Numbers = Callable[[NDArray[np.int64], Floats], Floats]


@dataclass(frozen=True)
class Recipe:
    """A form of score (trainer.kernel.scores), and the numbers that it takes of each item.

    `own` is of the item that asks, `other` of the one that is to be its neighbour; both take n_users int64 and squares
    (summed squared weights) float64, (n_items,), and give float64 (n_items,).
    """

    form: int
    own: Numbers
    other: Numbers


def inverse_norms(_n_users: NDArray[np.int64], squares: Floats) -> Floats:
    """Give 1 / |w_i|; norms are over all users."""
    return 1 / np.sqrt(squares)


# similarity_ij = sum_u w_ui w_uj / (|w_i| |w_j|), the cosine of the columns of user_items.
COSINE: Final = Recipe(SCALED_DOT, inverse_norms, inverse_norms)
RECIPES: Final[Mapping[str, Recipe]] = {"cosine": COSINE}
