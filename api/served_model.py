"""The model in service: one reference that requests read and that is swapped whole."""

import mmap
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from api.erased_users import KnownErasures
from api.kept_answers import KeptAnswers
from api.list_pieces import ProductPieces
from model.catalogue import catalogue_arrays
from model.model import Model
from registry.manifest import Manifest
from registry.pointer import Pointer


@dataclass(frozen=True)
class ServedModel:
    """A loaded, checked and warm version; `pointer` is None where the version is pinned.

    `erased` holds the ids of users who are to be known no more, whatever version is served; `pieces` is how its
    products are written, and `kept` what was answered from this model alone.
    """

    model: Model
    manifest: Manifest
    pointer: Pointer | None
    loaded_at: datetime
    erased: KnownErasures
    pieces: ProductPieces
    kept: KeptAnswers

    @property
    def version(self) -> str:
        """The version's name."""
        return self.manifest.version

    @property
    def age_days(self) -> float:
        """Days since the version was made."""
        return (datetime.now(UTC) - self.manifest.created_at) / timedelta(days=1)

    def find_user(self, user_id: str) -> int | None:
        """Find a user; None where the model does not know them, or is to know them no more."""
        return None if user_id in self.erased else self.model.users.find(user_id)


@dataclass(frozen=True)
class ServiceState:
    """What is served, and why that is not what should be; no problem and no model: none was ever promoted."""

    served: ServedModel | None = None
    problem: str | None = "the store has not been asked yet"

    @property
    def ready(self) -> bool:
        """Whether this server should get requests."""
        return self.served is not None or self.problem is None


class ModelService:
    """Holds the one state. A single writer replaces it; readers take it once and keep what they took."""

    def __init__(self) -> None:
        self.state = ServiceState()


def warm_up(model: Model) -> None:
    """Read every page of the model once, and work out what is kept, so that no request waits for the disk."""
    optional = (model.borrowed, model.substitutes, model.complements)
    arrays = {
        **model.products.arrays("products"),
        **model.users.arrays("users"),
        "neighbour items": model.neighbours.indices,
        "neighbour scores": model.neighbours.scores,
        "popularity": model.by_popularity,
        "shares": model.popularity_share,
        **catalogue_arrays(model.catalogue),
    }
    rows = [array for one in (model.histories, *optional) if one is not None for array in vars(one).values()]
    for array in (*arrays.values(), *(array for array in rows if array is not None)):
        array.view(np.uint8)[:: mmap.PAGESIZE].max(initial=0)
