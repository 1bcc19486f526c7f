"""A variant: a recipe, and what its signal is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np

from trainer.events import Events
from trainer.settings import TrainerSettings
from trainer.signal_settings import Kinds, Repeats
from trainer.similarity.recipe_names import AUTO, RECIPE_NAMES

_REPEATS_BY_SIMPLICITY: Final[tuple[Repeats, ...]] = ("sum", "log", "cap", "binary")
_KINDS_BY_SIMPLICITY: Final[tuple[Kinds, ...]] = ("together", "apart", "paths")
_SIMPLEST_RECIPE: Final = RECIPE_NAMES[0]
_NAMES: Final = ("recipe", "repeats", "half_life_days", "ridge", "kinds")


@dataclass(frozen=True)
class Variant:
    """What is chosen between; the names are those of settings, `weights` what an event of each kind weighs."""

    recipe: str
    repeats: Repeats
    half_life_days: float | None
    ridge: float
    weights: tuple[tuple[str, float], ...]
    kinds: Kinds = "together"

    @classmethod
    def configured(cls, settings: TrainerSettings) -> Self:
        """Give what the settings say, with the simplest recipe where they leave it open."""
        recipe = _SIMPLEST_RECIPE if settings.recipe == AUTO else settings.recipe
        weights = tuple(settings.event_weights().items())
        return cls(recipe, settings.repeats, settings.half_life_days, settings.ridge, weights, settings.kinds)

    def settings(self, base: TrainerSettings) -> TrainerSettings:
        """Give settings that name all of it."""
        named = {name: getattr(self, name) for name in _NAMES}
        return base.with_event_weights(dict(self.weights)).model_copy(update=named)

    def signal(self) -> tuple[object, ...]:
        """Give all that the matrix depends on."""
        return (self.repeats, self.half_life_days, self.weights)

    def weighed(self, events: Events, base: Mapping[str, float]) -> Events:
        """Give the events with this variant's weights; `base` are those that they have."""
        wanted = dict(self.weights)
        factors = np.array([wanted[kind] / base[kind] for kind in events.kinds], np.float32)
        return events if np.all(factors == 1) else events.weighed_by_kind(factors)

    def with_weight(self, kind: str, weight: float) -> Self:
        """Give the same with another weight of a kind."""
        return replace(self, weights=tuple((name, weight if name == kind else own) for name, own in self.weights))

    def complexity(self) -> tuple[int, ...]:
        """Order variants: the simpler has less to explain, and takes less time."""
        is_named = self.recipe in RECIPE_NAMES
        return (
            RECIPE_NAMES.index(self.recipe) if is_named else 0,
            _KINDS_BY_SIMPLICITY.index(self.kinds),
            0 if self.half_life_days is None else 1,
            _REPEATS_BY_SIMPLICITY.index(self.repeats),
        )

    def as_json(self) -> dict[str, Any]:
        """Render it as the manifest holds it; a ridge only where the recipe takes one."""
        told: dict[str, Any] = {"recipe": self.recipe, "repeats": self.repeats, "half_life_days": self.half_life_days}
        if self.recipe == "local_ridge":
            told["ridge"] = self.ridge
        return {**told, "event_weights": dict(self.weights), "kinds": self.kinds}
