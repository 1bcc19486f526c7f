"""The model in service: one reference that requests read and that is swapped whole."""

import mmap
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from api.erased_users import KnownErasures
from api.kept_answers import KeptAnswers
from api.list_pieces import ProductPieces
from model.codec import model_arrays
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
    by_category = () if model.category_rows is None else vars(model.category_rows).values()
    worked_out = (model.listable_by_popularity, model.popularity_share, model.available, *by_category)
    for array in (*model_arrays(model).values(), *worked_out):
        if array is not None:
            held = array.view(np.uint8)
            held[:: mmap.PAGESIZE].max(initial=0)
            # An array begins anywhere in a page, and so may end on one more.
            held[-1:].max(initial=0)
