"""The seam for a shop's own logic: subclass ModelTrainer and name the class in TRAINER_CLASS."""

import importlib
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from model.neighbours import Neighbours
from runtime.errors import BadDataError, BadSettingsError, RecommenderError
from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.events import Events
from trainer.window import within_window

if TYPE_CHECKING:
    import numpy as np
    import scipy.sparse as sp
    from numpy.typing import NDArray

    from trainer.settings import TrainerSettings
    from trainer.similarity.passes import LayOut


class ModelTrainer:
    """What a shop can override: how events are prepared, and how similarities are made of them.

    `scratch` is where its large arrays are to be, and `lay_out` what makes a matrix ready for passes over all pairs,
    None for this process's threads; the run decides both before it reads the first event. `targets` bool (n_items,) are
    the items that may be neighbours, None for all: of (kind, product) pairs only those that were bought.
    """

    scratch: Scratch = IN_MEMORY
    lay_out: "LayOut | None" = None
    targets: "NDArray[np.bool_] | None" = None

    def __init__(self, settings: "TrainerSettings") -> None:
        self.settings = settings

    def under(self, settings: "TrainerSettings") -> Self:
        """Give a trainer of the same class with other settings, whose work is done where this one's is."""
        other = type(self)(settings)
        other.scratch, other.lay_out = self.scratch, self.lay_out
        return other

    def custom_preprocessing(self, events: Events) -> Events:
        """Prepare the events: leave some out (`events.where`), weigh them anew (`events.with_weight`)."""
        return events

    def train(self, user_items: "sp.csr_matrix") -> "Neighbours | sp.csr_matrix":
        """Make each item's neighbours out of user_items, float32 (n_users, n_items).

        An override may give a sparse (n_items, n_items) matrix of similarities instead: the best NEIGHBOURS of each
        row are kept. With KINDS=paths the items are (kind, product) pairs, the products once for each kind. Beyond 2^31
        interactions indptr is int64 and indices are int32, of which SciPy's products may make a copy, and `tocoo` none.
        """
        from trainer.similarity.guard import guarded  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)
        from trainer.similarity.named import recipe_named  # noqa: PLC0415
        from trainer.similarity.neighbours import neighbours_by  # noqa: PLC0415
        from trainer.similarity.passes import lay_out_here  # noqa: PLC0415
        from trainer.similarity.recipes import LeadingTo, Limits  # noqa: PLC0415

        recipe = recipe_named(self.settings.recipe, self.settings.ridge, self.settings.ridge_nearest)
        return neighbours_by(
            recipe if self.targets is None else LeadingTo(recipe, self.targets),
            guarded(user_items, self.settings.max_user_products, self.scratch),
            Limits(self.settings.min_co_occurrence, self.settings.neighbours),
            threads=self.settings.threads,
            scratch=self.scratch,
            lay_out=self.lay_out or lay_out_here,
        )

    def prepared(self, events: Events) -> Events:
        """Preprocess, and drop the users and products that are left without an event."""
        with self._named("custom_preprocessing"):
            recent = within_window(events, self.settings.window_days)
            kept = self.custom_preprocessing(recent).without_unused_ids()
        if not len(kept):
            raise BadDataError(f"{type(self).__qualname__}.custom_preprocessing left no event")
        return kept

    def neighbours(self, user_items: "sp.csr_matrix") -> Neighbours:
        """Train, and bring what an override gave into the form that a model holds."""
        with self._named("train"):
            trained = self.train(user_items)
        if isinstance(trained, Neighbours):
            return trained
        if trained.shape != (user_items.shape[1], user_items.shape[1]):
            raise BadSettingsError(
                f"{type(self).__qualname__}.train gave a matrix of shape {trained.shape}, it must be a square of the "
                f"{user_items.shape[1]} products"
            )
        return Neighbours.from_matrix(trained.tocsr(), self.settings.neighbours)

    @contextmanager
    def _named(self, method: str) -> Iterator[None]:
        """Say of an error in a shop's own code which method it came from, and where it was raised."""
        try:
            yield
        except RecommenderError:
            raise
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            raise RecommenderError(
                f"{type(self).__qualname__}.{method} failed with {type(error).__name__}: {error}, raised at "
                f"{place.filename}:{place.lineno}",
                hint=f"TRAINER_CLASS={self.settings.trainer_class!r} names this code",
            ) from error


def load_trainer(settings: "TrainerSettings") -> ModelTrainer:
    """Make the trainer that TRAINER_CLASS names. Raises BadSettingsError where there is no such class."""
    module_name, _, class_name = settings.trainer_class.partition(":")
    problem = f"wrong settings: TRAINER_CLASS={settings.trainer_class!r}"
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except ImportError as error:
        raise BadSettingsError(f"{problem}: {error}", hint="Is it on PYTHONPATH?") from None
    except AttributeError:
        raise BadSettingsError(f"{problem}: {module_name} has no {class_name}") from None
    if not (isinstance(found, type) and issubclass(found, ModelTrainer)):
        raise BadSettingsError(f"{problem}: it must be a subclass of trainer.ModelTrainer")
    return found(settings)
