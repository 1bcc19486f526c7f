"""The versions of a shop over time, as the history of runs tells of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from plots.lookup import number_at
from registry.history import Run
from registry.manifest import Manifest

_SHOWN: Final = 30


@dataclass(frozen=True)
class Version:
    """What a card shows of one version; what its run never learned is None."""

    name: str
    made_at: datetime
    outcome: str
    sparsity: float | None = None
    n_products: int | None = None
    n_interactions: int | None = None
    data: dict[str, float] = field(default_factory=dict)
    holdout: dict[str, Any] | None = None

    def metric(self, name: str, *, side: str = "candidate", part: str = "mean") -> float | None:
        """Give a metric of one side on this version's holdout, or an end of its interval."""
        return number_at(self.holdout, side, name, part)

    @property
    def recommended_share(self) -> float | None:
        """The share of the catalogue that stood in anybody's list."""
        return number_at(self.holdout, "candidate", "coverage")

    @property
    def related_share(self) -> float | None:
        """The share of the products that have a neighbour."""
        return number_at(self.data, "related_products_share")


def versions_of(manifest: Manifest, runs: Sequence[Run]) -> list[Version]:
    """Give the last 30 versions of the history, oldest first, the manifest's own at the end."""
    earlier = [version_of_run(run) for run in runs if run.version and run.version != manifest.version]
    return [*earlier[-(_SHOWN - 1) :], _of_manifest(manifest)]


def version_of_run(run: Run) -> Version:
    """Give the version that a run made."""
    return Version(
        name=run.version or "",
        made_at=run.trained_at or run.timestamp,
        outcome=run.outcome.value,
        sparsity=run.sparsity,
        n_products=run.n_products,
        n_interactions=run.n_interactions,
        data=run.data,
        holdout=run.holdout,
    )


def _of_manifest(manifest: Manifest) -> Version:
    products, interactions = (number_at(manifest.metrics, name) for name in ("n_products", "n_interactions"))
    return Version(
        name=manifest.version,
        made_at=manifest.created_at,
        outcome="this version",
        sparsity=number_at(manifest.metrics, "sparsity"),
        n_products=None if products is None else int(products),
        n_interactions=None if interactions is None else int(interactions),
        data=manifest.data,
        holdout=manifest.holdout,
    )
