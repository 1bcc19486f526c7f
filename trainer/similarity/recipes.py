"""Recipes: how similarities are made of what items have in common.

d_u is a user's number of products, d_i a product's number of users, c_ij the users who have both, w_ui what user u's
events with i weigh, and G_ij = sum over users of d_u^-e w_ui w_uj: a user who has everything says little about any two.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from trainer.kernel.best import Best
from trainer.kernel.pairs import Rule
from trainer.kernel.scores import OUT_OF_REACH, SCALED_DOT
from trainer.similarity.layout import Ranking
from trainer.similarity.passes import Passes
from trainer.similarity.ridge import Regression

Floats = NDArray[np.float64]
Numbers = Callable[[Ranking], Floats]


@dataclass(frozen=True)
class Limits:
    """Pairs need so many users in common, and of an item's neighbours the best `k` are kept.

    Where `targets` bool (n_items,) are given, only these are anybody's neighbours.
    """

    min_co_occurrence: int
    k: int
    targets: NDArray[np.bool_] | None = field(default=None, compare=False)


@runtime_checkable
class Recipe(Protocol):
    """What finds the best neighbours, by passes over items whose weights are d_u^(-e/2) times their own."""

    @property
    def activity_exponent(self) -> float:
        """The exponent e of G."""

    def best(self, passes: Passes, limits: Limits) -> Best:
        """Give the keys of each item's best, by rank."""


@dataclass(frozen=True)
class PairScore:
    """A score of a pair by itself: its form (trainer.kernel.scores), and the numbers that it takes of each item.

    `own` is of the item that asks, i, and `other` of the one that is to be its neighbour, j.
    """

    form: int
    own: Numbers
    other: Numbers
    activity_exponent: float = 0.0

    def best(self, passes: Passes, limits: Limits) -> Best:
        """Give the keys of each item's best, by rank."""
        rule = self.rule(passes.ranking, limits.min_co_occurrence)
        if limits.targets is not None:
            is_target = limits.targets[rule.items]
            rule = rule._replace(other=np.where(is_target, rule.other, OUT_OF_REACH[self.form]))
        return passes.best_of_pairs(rule, limits.k)

    def rule(self, ranking: Ranking, min_co_occurrence: int) -> Rule:
        """Say how a pair is judged."""
        least, total = float(max(1, min_co_occurrence)), float(ranking.n_all_users)
        return Rule(least, self.form, total, self.own(ranking), self.other(ranking), ranking.items)


@dataclass(frozen=True)
class LocalRidge:
    """score_ij = w_i d_i^-p where (G_NN + ridge g diag(G_ii / g)^0.3) w = G_Nj, for w_i > 0.

    N(j) are the `nearest` items to the candidate j, by G_ij d_i^-0.5, and g is the median of G_ii. Of
    the equations that EASE solves at once (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019) each
    candidate gets those of its own neighbourhood, as in SLIM (Ning and Karypis, ICDM 2011), and a penalty that grows
    with popularity; small, independent of one another, and as good as the whole.
    """

    ridge: float = 10.0
    nearest: int = 200
    activity_exponent: float = 0.3
    fame_exponent: float = 0.2

    def best(self, passes: Passes, limits: Limits) -> Best:
        """Give the keys of each item's best, by rank."""
        ranking = passes.ranking
        near_by = PairScore(SCALED_DOT, fame(0.0), fame(0.5))
        near = near_by.best(passes, replace(limits, k=self.nearest, targets=None))
        if limits.targets is not None:
            _leave(near, limits.targets[ranking.items])
        shrinkage = fame(self.fame_exponent)(ranking)
        regression = Regression(self.ridge, _PENALTY_EXPONENT, fame(0.5)(ranking), shrinkage)
        return passes.best_of_solutions(near, regression, limits.k)


_PENALTY_EXPONENT: Final = 0.3


@dataclass(frozen=True)
class LeadingTo:
    """A recipe of which only some items are to be neighbours, `targets` bool (n_items,)."""

    recipe: Recipe
    targets: NDArray[np.bool_] = field(compare=False)

    @property
    def activity_exponent(self) -> float:
        """The exponent e of G."""
        return self.recipe.activity_exponent

    def best(self, passes: Passes, limits: Limits) -> Best:
        """Give the keys of each item's best targets, by rank."""
        return self.recipe.best(passes, replace(limits, targets=self.targets))


def _leave(near: Best, is_target: NDArray[np.bool_]) -> None:
    """Take from all others, by rank, what is near to them: without members there is no system to solve."""
    near.counts[~is_target] = 0
    near.keys[~is_target] = 0


def inverse_norms(ranking: Ranking) -> Floats:
    """Give 1 / |w_i|; norms are over all users."""
    return 1 / np.sqrt(ranking.squares)


def fame(exponent: float) -> Numbers:
    """Give d_i^-exponent: the greater the exponent, the less counts that many have an item anyway."""
    return lambda ranking: ranking.n_users.astype(np.float64) ** -exponent


def users_of(ranking: Ranking) -> Floats:
    """Give d_i."""
    return ranking.n_users.astype(np.float64)


def lift_of(ranking: Ranking) -> Floats:
    """Give n / d_i, n being the number of all users."""
    return ranking.n_all_users / ranking.n_users


def normalised(activity: float, own: float, other: float) -> PairScore:
    """Give the recipe of score_ij = G_ij d_i^-own d_j^-other."""
    return PairScore(SCALED_DOT, fame(own), fame(other), activity)


# score_ij = sum_u w_ui w_uj / (|w_i| |w_j|), the cosine of the columns of user_items.
COSINE: Final = PairScore(SCALED_DOT, inverse_norms, inverse_norms)
