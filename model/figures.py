"""The figures by which a model is known: in its manifest, in metrics.json, and in the health report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from model.model import Model


@dataclass(frozen=True)
class Figures:
    """How large and how dense a model is.

    sparsity: share of (user, product) pairs without an interaction. similarity_density: share of the ordered pairs of
    different products that are neighbours. avg_similarity: mean score of those pairs, 0 where there is none.
    """

    n_users: int
    n_products: int
    n_interactions: int
    sparsity: float
    similarity_density: float
    avg_similarity: float

    @classmethod
    def of(cls, model: Model) -> Self:
        """Measure a model."""
        return cls(
            n_users=len(model.users),
            n_products=len(model.products),
            n_interactions=model.histories.n_interactions,
            sparsity=model.sparsity,
            similarity_density=model.neighbours.density,
            avg_similarity=model.neighbours.mean_score,
        )

    @classmethod
    def as_trained(cls, model: Model, told: Mapping[str, float]) -> Self:
        """Measure a model as it was when it was trained.

        Of one that was published without histories, `told` is what its manifest says of them.
        """
        figures = cls.of(model)
        if model.keeps_histories:
            return figures
        n_users, n_interactions = (int(told.get(name, 0)) for name in ("n_users", "n_interactions"))
        return replace(figures, n_users=n_users, n_interactions=n_interactions, sparsity=told.get("sparsity", 1.0))
