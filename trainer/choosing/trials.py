"""Trying variants: each makes the model of the events before the cut, and is asked what users took up behind it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trainer.building import assembled
from trainer.choosing.question import Question
from trainer.choosing.variant import Variant
from trainer.evaluation.bootstrap import Interval, intervals
from trainer.evaluation.gain import ndcg
from trainer.evaluation.lists import candidate_lists, popularity_lists
from trainer.events import Events
from trainer.kinds import ByKind, by_kind, neighbours_of
from trainer.listing import Asking
from trainer.model_trainer import ModelTrainer
from trainer.signal import user_items_of

if TYPE_CHECKING:
    import scipy.sparse as sp

    from trainer.settings import TrainerSettings

Values = NDArray[np.float64]


@dataclass
class Trials:
    """What was tried so far: each user's ndcg@k by variant, float64 (n_users,)."""

    trainer: ModelTrainer
    question: Question
    values: dict[Variant, Values] = field(default_factory=dict)
    popularity: Values | None = None
    _matrix: "tuple[object, sp.csr_matrix] | None" = None
    _kinds: tuple[object, ByKind | None] | None = None

    def try_all(self, variants: list[Variant]) -> None:
        """Try those that were not tried yet."""
        for variant in variants:
            if variant not in self.values:
                self.values[variant] = self._try(variant, variant.settings(self.trainer.settings))

    def take_over(self, others: "Trials", variants: list[Variant]) -> None:
        """Take what was tried in the same way on the same question."""
        self.values.update({one: others.values[one] for one in variants})
        self.popularity = others.popularity

    def with_co_occurrence(self, variant: Variant, least: int) -> Values:
        """Try a variant with another MIN_CO_OCCURRENCE."""
        settings = variant.settings(self.trainer.settings)
        return self._try(variant, settings.model_copy(update={"min_co_occurrence": least}))

    def mean(self, variant: Variant) -> float:
        """Give the mean ndcg@k of a variant that was tried."""
        return float(self.values[variant].mean())

    def best(self) -> Variant:
        """Give the variant of the highest mean, of equals the one that was tried first."""
        return max(self.values, key=self.mean)

    def gain(self, variant: Variant, over: Variant) -> Interval:
        """Give by how much a variant does better than another, user by user."""
        return intervals((self.values[variant] - self.values[over])[:, None])[0]

    def _try(self, variant: Variant, settings: "TrainerSettings") -> Values:
        question, user_items = self.question, self._user_items(variant, settings)
        trainer = self.trainer.under(settings)
        neighbours = neighbours_of(trainer, user_items, self._by_kind(variant, settings))
        model = assembled(question.events.products, question.events.users, user_items, neighbours)
        truth, k = question.truth, settings.evaluation_k
        if self.popularity is None:
            served = popularity_lists(model, truth.users, k)
            self.popularity = ndcg(truth.hits(served.items), truth.sizes)
        lists = candidate_lists(model, truth.users, Asking(k, settings.threads))
        return ndcg(truth.hits(lists.items), truth.sizes)

    def _user_items(self, variant: Variant, settings: "TrainerSettings") -> "sp.csr_matrix":
        """Give the matrix of a variant; the last one is kept, since several recipes are tried on each."""
        if self._matrix is None or self._matrix[0] != variant.signal():
            self._matrix = None
            made = user_items_of(
                self._weighed(variant), settings, until=self.question.cut.seconds, threads=settings.threads
            )
            self._matrix = (variant.signal(), made)
        return self._matrix[1]

    def _by_kind(self, variant: Variant, settings: "TrainerSettings") -> ByKind | None:
        """Give a variant's events by kind; the last ones are kept too."""
        if self._kinds is None or self._kinds[0] != (variant.kinds, variant.signal()):
            self._kinds = None
            made = by_kind(self._weighed(variant), settings, self.question.cut.seconds)
            self._kinds = ((variant.kinds, variant.signal()), made)
        return self._kinds[1]

    def _weighed(self, variant: Variant) -> Events:
        return variant.weighed(self.question.events, self.trainer.settings.event_weights())
