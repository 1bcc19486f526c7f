"""The seam for a shop's own logic: subclass ModelTrainer and name the class in TRAINER_CLASS."""

import importlib
from typing import TYPE_CHECKING

from model.neighbours import Neighbours
from runtime.errors import BadSettingsError
from trainer.events import Events

if TYPE_CHECKING:
    import scipy.sparse as sp

    from trainer.settings import TrainerSettings


class ModelTrainer:
    """What a shop can override: how events are prepared, and how similarities are made of them."""

    def __init__(self, settings: "TrainerSettings") -> None:
        self.settings = settings

    def custom_preprocessing(self, events: Events) -> Events:
        """Prepare the events: leave some out (`events.where`), weigh them anew (`events.with_weight`)."""
        return events

    def train(self, user_items: "sp.csr_matrix") -> "Neighbours | sp.csr_matrix":
        """Make each item's neighbours out of user_items, float32 (n_users, n_items).

        An override may give a sparse (n_items, n_items) matrix of similarities instead: the best NEIGHBOURS of each
        row are kept.
        """
        from trainer.similarity import cosine_neighbours  # noqa: PLC0415 (Numba takes 0.3 s to import)

        return cosine_neighbours(
            user_items,
            min_co_occurrence=self.settings.min_co_occurrence,
            k=self.settings.neighbours,
            threads=self.settings.threads,
        )

    def neighbours(self, user_items: "sp.csr_matrix") -> Neighbours:
        """Train, and bring what an override gave into the form that a model holds."""
        trained = self.train(user_items)
        if isinstance(trained, Neighbours):
            return trained
        if trained.shape != (user_items.shape[1], user_items.shape[1]):
            raise BadSettingsError(
                f"{type(self).__qualname__}.train gave a matrix of shape {trained.shape}, it must be a square of the "
                f"{user_items.shape[1]} products"
            )
        return Neighbours.from_matrix(trained.tocsr(), self.settings.neighbours)


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
