"""The hard checks: what is wrong with a model that no setting should let through."""

import numpy as np

from model.model import Model
from runtime.errors import BadDataError
from trainer.settings import TrainerSettings


def validate(model: Model, settings: TrainerSettings) -> list[str]:
    """Give warnings about a model. Raises BadDataError, which names all that is wrong, where it is not sound."""
    problems = [
        *_too_few("products", len(model.products), settings.min_products, "MIN_PRODUCTS"),
        *_too_few("users", len(model.users), settings.min_users, "MIN_USERS"),
        *_no_similarities(model, settings),
        *_not_finite(model),
    ]
    if problems:
        raise BadDataError(f"the model is not sound: {'; '.join(problems)}", hint="The model in service stays")
    return _sparse(model, settings)


def _too_few(what: str, count: int, least: int, setting: str) -> list[str]:
    return [f"{count} {what} with events, {setting} asks for {least}"] if count < least else []


def _no_similarities(model: Model, settings: TrainerSettings) -> list[str]:
    if model.neighbours.n_pairs:
        return []
    return [f"no two products have {settings.min_co_occurrence} users in common (MIN_CO_OCCURRENCE)"]


def _not_finite(model: Model) -> list[str]:
    arrays = {
        "similarities": model.neighbours.scores,
        "interactions": model.histories.weights,
        "popularity": model.popularity,
    }
    return [
        f"the {name} hold a number that is not finite"
        for name, values in arrays.items()
        if not np.isfinite(values.sum(dtype=np.float64))  # which needs no memory, as all of them would
    ]


def _sparse(model: Model, settings: TrainerSettings) -> list[str]:
    if model.sparsity <= settings.max_sparsity:
        return []
    return [f"Sparsity {model.sparsity:.2%} is above {settings.max_sparsity:.2%}: few pairs carry evidence"]
