"""Recipes by name: ours, and a shop's own as module:NAME."""

import importlib
from typing import Final

from runtime.errors import BadSettingsError
from trainer.kernel.scores import JACCARD, LOG_LIKELIHOOD, SCALED_COUNT
from trainer.similarity.recipe_names import RECIPE_NAMES
from trainer.similarity.recipes import COSINE, LocalRidge, PairScore, Recipe, fame, lift_of, normalised, users_of

_PAIR_SCORES: Final = {
    # sum_u w_ui w_uj / (|w_i| |w_j|). Sarwar et al., "Item-based collaborative filtering", WWW 2001.
    "cosine": COSINE,
    # c_ij / d_i, the share of i's users who have j. Deshpande and Karypis, ACM TOIS 22 (2004).
    "conditional_probability": PairScore(SCALED_COUNT, fame(1), fame(0)),
    # c_ij / (d_i + d_j - c_ij). Jaccard (1912).
    "jaccard": PairScore(JACCARD, users_of, users_of),
    # c_ij n / (d_i d_j): how many times as often as by chance. Brin et al., SIGMOD 1997, there "interest".
    "lift": PairScore(SCALED_COUNT, lift_of, fame(1)),
    # G² of who has which, 0 where there is less than by chance. Dunning, Computational Linguistics 19 (1993).
    "log_likelihood_ratio": PairScore(LOG_LIKELIHOOD, users_of, users_of),
    # G_ij d_i^-0.75 d_j^-0.2, e = 0.5: cosine takes back too much of the neighbour's popularity, and this less.
    "normalised": normalised(activity=0.5, own=0.75, other=0.2),
}


def recipe_named(name: str, ridge: float = 10.0, ridge_nearest: int = 200) -> Recipe:
    """Give a recipe by its name; `ridge` and how many are nearest is what local_ridge takes.

    Raises BadSettingsError where there is none, or what a shop's name stands for is none.
    """
    if name == "local_ridge":
        return LocalRidge(ridge, ridge_nearest)
    return _PAIR_SCORES[name] if name in _PAIR_SCORES else _own(name)


def _own(name: str) -> Recipe:
    module_name, _, attribute = name.partition(":")
    problem = f"wrong settings: RECIPE={name!r}"
    if not attribute:
        raise BadSettingsError(f"{problem}: there is no such recipe; there are {', '.join(RECIPE_NAMES)}")
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except ImportError as error:
        raise BadSettingsError(f"{problem}: {error}", hint="Is it on PYTHONPATH?") from None
    except AttributeError:
        raise BadSettingsError(f"{problem}: {module_name} has no {attribute}") from None
    if not isinstance(found, Recipe):
        kind = type(found).__name__
        raise BadSettingsError(f"{problem}: it must be a Recipe (trainer.similarity.recipes), and is a {kind}")
    return found
