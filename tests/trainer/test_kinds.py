"""KINDS=apart: views tell of views, purchases of purchases. KINDS=paths: both tell of purchases."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from model.neighbours import Neighbours
from tests.trainer.evaluation.shops import Row, a_shop, day, events_of, some_settings
from tests.trainer.similarity import brute_force
from tests.trainer.similarity.spilled import blocks_of, bytes_of
from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.events import Events
from trainer.kinds import Apart, by_kind, neighbours_of
from trainer.matrix import build_user_items
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings
from trainer.signal import user_items_by_kind, user_items_of

BOTH = ("purchase", "view")


def apart(**settings: Any) -> TrainerSettings:  # noqa: ANN401 (fields of TrainerSettings)
    return some_settings(kinds="apart", **settings)


def made(events: Events, settings: TrainerSettings, scratch: Scratch = IN_MEMORY) -> Neighbours:
    trainer = ModelTrainer(settings)
    trainer.scratch = scratch
    on = replace(events, scratch=scratch)
    return neighbours_of(trainer, user_items_of(on, settings), by_kind(on, settings))


def alone(events: Events, kind: str) -> sp.csr_matrix:
    """How often each user had each item in a kind of event."""
    of_kind = events.where(events.kind == events.kinds.index(kind))
    return build_user_items(of_kind.with_weight(np.ones(len(of_kind), np.float32)))


def test_purchases_are_no_neighbours_of_what_was_looked_at_on_the_way() -> None:
    """All look at 1 and 2, and buy 3 and 4."""
    rows: list[Row] = [(user, item, 1.0, "view") for user in range(6) for item in (1, 2)]
    rows += [(user, item, 2.0, "purchase") for user in range(6) for item in (3, 4)]
    events = events_of(rows, BOTH)
    together, by_kind = made(events, some_settings()), made(events, apart())
    assert [together.row(item)[0].size for item in range(4)] == [3] * 4
    assert [by_kind.row(item)[0].tolist() for item in range(4)] == [[1], [0], [3], [2]]
    assert by_kind.row(0)[1].tolist() == pytest.approx([0.3])
    assert by_kind.row(2)[1].tolist() == pytest.approx([1.0])


@pytest.mark.parametrize("repeats", ["sum", "binary"])
@pytest.mark.parametrize("view_weight", [0.3, 2.0])
def test_scores_are_those_of_each_kind_by_brute_force_times_its_weight(repeats: str, view_weight: float) -> None:
    events, n_products = a_shop(), 60
    events = events.weighed_by_kind(np.array([1, view_weight / 0.3], np.float32))
    expected = np.zeros((n_products, n_products))
    for kind, weight in (("purchase", 1.0), ("view", view_weight)):
        counts = alone(events, kind)
        counts.data = counts.data if repeats == "sum" else np.ones_like(counts.data)
        for item, row in enumerate(brute_force.cosine(counts, 2, 100)):
            for other, score in row:
                expected[item, other] += weight * score
    found = made(events, apart(repeats=repeats, view_weight=view_weight, neighbours=100))
    rows = np.repeat(np.arange(n_products), np.diff(found.indptr))
    dense = sp.csr_matrix((found.scores, (rows, found.indices)), shape=expected.shape).toarray()
    assert dense == pytest.approx(expected, rel=1e-5)
    assert found.n_pairs == np.count_nonzero(expected) > 3000


@pytest.mark.parametrize("kinds", ["apart", "paths"])
@pytest.mark.parametrize("recipe", ["cosine", "normalised", "local_ridge"])
def test_bits_are_the_same_on_any_number_of_threads_and_on_disk(recipe: str, kinds: str) -> None:
    events, settings = a_shop(n_users=300, n_events=9000), some_settings(recipe=recipe, kinds=kinds)
    bits = {bytes_of(made(events, settings.model_copy(update={"threads": threads}))) for threads in (1, 2, 4)}
    bits.add(bytes_of(made(events, settings.model_copy(update={"threads": 2}), blocks_of(500))))
    assert len(bits) == 1
    assert bits != {bytes_of(made(events, some_settings(recipe=recipe)))}


def test_events_of_a_kind_fade_by_the_age_of_all_and_only_up_to_the_cut() -> None:
    rows: list[Row] = [(1, 1, 0.0), (1, 2, 10.0), (1, 1, 20.0, "view"), (1, 2, 30.0, "view")]
    events, settings = events_of(rows, BOTH), apart(half_life_days=10)
    cut = int(day(20).timestamp())
    found = user_items_by_kind(events, settings, settings.event_weights(), until=cut)
    assert found["purchase"].toarray() == pytest.approx(np.array([[0.25, 0.5]]), rel=1e-3)
    assert found["view"].toarray() == pytest.approx(np.array([[1.0, 0.0]]))


def test_kinds_without_an_event_or_without_weight_add_nothing() -> None:
    events = a_shop()
    bought = events.where(events.kind == 0)
    with_empty_kind, without = made(bought, apart()), made(replace(bought, kinds=("purchase",)), some_settings())
    assert with_empty_kind.indices.tolist() == without.indices.tolist()
    assert with_empty_kind.scores == pytest.approx(without.scores)
    weightless = by_kind(events, apart(view_weight=0))
    assert isinstance(weightless, Apart)
    assert weightless.weights == (1.0,)


def test_a_shops_own_similarities_are_made_of_each_kind() -> None:
    events, seen = a_shop(), []

    class Own(ModelTrainer):
        def train(self, user_items: sp.csr_matrix) -> Neighbours | sp.csr_matrix:
            seen.append(float(user_items.data.sum()))
            return super().train(user_items)

    settings = apart()
    neighbours_of(Own(settings), user_items_of(events, settings), by_kind(events, settings))
    assert seen == pytest.approx(list(events.counts.values()))
