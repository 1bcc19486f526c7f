"""Each recipe against its brute-force twin."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from model.neighbours import Neighbours
from runtime.errors import BadSettingsError
from tests.trainer.similarity import brute_force
from tests.trainer.similarity.brute_force import Scores, best_by, rows_of
from tests.trainer.similarity.matrices import a_shop, matrices
from tests.trainer.similarity.spilled import blocks_of, bytes_of
from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.similarity import layout
from trainer.similarity.layout import PairedItems, Workers
from trainer.similarity.named import recipe_named
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.passes import PassesHere
from trainer.similarity.recipe_names import RECIPE_NAMES
from trainer.similarity.recipes import Limits, LocalRidge, Recipe

TWINS: dict[str, tuple[Scores, float]] = {
    "cosine": (brute_force.cosines, 0.0),
    "jaccard": (brute_force.jaccard, 0.0),
    "lift": (brute_force.lift, 0.0),
    "conditional_probability": (brute_force.conditional_probability, 0.0),
    "log_likelihood_ratio": (brute_force.log_likelihood_ratio, 0.0),
    "normalised": (brute_force.normalised(0.75, 0.2), 0.5),
}
THREADS = (1, 2, 4)
MANY = 1_000
OWN = "tests.trainer.similarity.own_recipe"


def found_by(
    recipe: Recipe,
    user_items: sp.csr_matrix,
    *,
    least: int = 2,
    k: int = 20,
    threads: int = 2,
    scratch: Scratch = IN_MEMORY,
) -> Neighbours:
    return neighbours_by(recipe, user_items, Limits(least, k), threads=threads, scratch=scratch)


def assert_same_scores(found: Neighbours, expected: list[brute_force.Row]) -> None:
    """Compare what was found by item: scores that are equal but for rounding may stand in another order."""
    for row, other in zip(rows_of(found), expected, strict=True):
        assert len(row) == len(other)
        wanted = dict(other)
        for item, score in row:
            assert score == pytest.approx(wanted[item], rel=1e-5, abs=1e-6)


def test_every_recipe_has_a_twin() -> None:
    assert {*TWINS, "local_ridge"} == set(RECIPE_NAMES)


@given(user_items=matrices(), least=st.integers(1, 4))
@pytest.mark.parametrize("name", TWINS)
def test_pairs_score_what_the_formula_says(name: str, user_items: sp.csr_matrix, least: int) -> None:
    scores, activity = TWINS[name]
    expected = best_by(scores, user_items, least, MANY, activity)
    assert_same_scores(found_by(recipe_named(name), user_items, least=least, k=MANY), expected)


@pytest.mark.parametrize("name", TWINS)
def test_best_of_a_shop_are_those_of_the_twin(name: str) -> None:
    scores, activity = TWINS[name]
    user_items = a_shop(1_500, 300, 12_000)
    found, expected = found_by(recipe_named(name), user_items), best_by(scores, user_items, 2, 20, activity)
    assert found.n_pairs == sum(map(len, expected)) > 2_000
    for row, other in zip(rows_of(found), expected, strict=True):
        assert [score for _, score in row] == pytest.approx([score for _, score in other], rel=1e-5)


@pytest.mark.parametrize("ridge", [0.3, 10.0, 100.0])
@pytest.mark.parametrize("near", [8, MANY])
def test_ridge_weights_solve_the_systems_of_the_twin(ridge: float, near: int) -> None:
    user_items = a_shop(1_500, 120, 9_000)
    found = found_by(LocalRidge(ridge, near), user_items, k=near // 2)
    expected = brute_force.local_ridge(user_items, 2, ridge, near)
    assert found.n_pairs > 400
    for i in range(found.n_items):
        items, scores = found.row(i)
        assert scores == pytest.approx(expected[i, items], rel=1e-3, abs=1e-5)
        assert list(scores) == pytest.approx(np.sort(expected[i])[::-1][: len(scores)], rel=1e-3, abs=1e-5)
        assert (
            len(items) == min(near // 2, np.count_nonzero(expected[i] > 1e-5))
            or len(items) == near // 2
            or near == MANY
        )


@pytest.mark.parametrize("name", RECIPE_NAMES)
@pytest.mark.parametrize("weights", [(0.3, 1.0, 1.3), (0.017, 1.0, 9.3)])
def test_any_number_of_threads_gives_the_same_bits(name: str, weights: tuple[float, ...]) -> None:
    user_items, recipe = a_shop(2_000, 500, 30_000, weights), recipe_named(name)
    assert found_by(recipe, user_items).n_pairs > 4_000
    assert len({bytes_of(found_by(recipe, user_items, threads=threads)) for threads in THREADS}) == 1


@pytest.mark.parametrize("name", RECIPE_NAMES)
def test_blocks_on_disk_give_what_one_in_memory_gives(name: str) -> None:
    user_items, recipe = a_shop(2_000, 500, 30_000), recipe_named(name)
    assert bytes_of(found_by(recipe, user_items, scratch=blocks_of(3_000))) == bytes_of(found_by(recipe, user_items))


def test_systems_some_at_a_time_give_what_all_at_once_give() -> None:
    """Few bytes make many groups, whose systems are solved one after the other."""
    user_items, found = a_shop(2_000, 500, 30_000), []
    with ThreadPoolExecutor(2) as pool:
        workers = Workers.for_users_of(layout.csr_of(user_items)[0], pool, 2)
        items = PairedItems.of(user_items, 2, workers, IN_MEMORY)
        for work_bytes in (1 << 16, 1 << 22, 1 << 28):
            best = LocalRidge().best(PassesHere(items, work_bytes), Limits(2, 20))
            found.append(np.sort(best.keys[:, :20], axis=1).tobytes())
    assert len(set(found)) == 1


@pytest.mark.parametrize("name", RECIPE_NAMES)
@pytest.mark.parametrize(
    "user_items",
    [
        sp.csr_matrix(np.zeros((0, 0), np.float32)),
        sp.csr_matrix(np.zeros((50, 20), np.float32)),
        sp.csr_matrix(np.ones((60, 1), np.float32)),
    ],
    ids=["nothing", "no interaction", "one item"],
)
def test_where_there_are_no_pairs_there_are_no_neighbours(name: str, user_items: sp.csr_matrix) -> None:
    assert found_by(recipe_named(name), user_items).n_pairs == 0


@pytest.mark.parametrize("name", RECIPE_NAMES)
@given(user_items=matrices(weights=(1e-30, 1e-3, 0.3, 1.0, 1e30), most=8))
def test_scores_are_numbers_whatever_the_weights(name: str, user_items: sp.csr_matrix) -> None:
    found = found_by(recipe_named(name), user_items, least=1)
    assert np.all(found.scores > 0)
    assert not np.any(np.isnan(found.scores))


def test_all_equal_rows_are_solved() -> None:
    """Items that everybody has: the matrix has rank one, and the penalty makes it definite."""
    found = found_by(LocalRidge(), sp.csr_matrix(np.ones((60, 30), np.float32)))
    assert np.all(np.diff(found.indptr) == 20)
    assert found.scores.std() == pytest.approx(0, abs=1e-6)


def test_a_shops_own_recipe_goes_by_a_dotted_name() -> None:
    own = recipe_named(f"{OWN}:OVERLAP")
    assert rows_of(found_by(own, sp.csr_matrix(np.ones((6, 3), np.float32))))[0] == [
        (1, np.float32(6)),
        (2, np.float32(6)),
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("cosin", "RECIPE='cosin': there is no such recipe; there are cosine,"),
        ("no.such.module:ONE", "RECIPE='no.such.module:ONE': No module named 'no'"),
        (
            "tests.trainer.similarity.own_recipe:NONE",
            "RECIPE='tests.trainer.similarity.own_recipe:NONE': .* has no NONE",
        ),
        ("tests.trainer.similarity.own_recipe:A_NUMBER", "it must be a Recipe .*, and is a float"),
    ],
)
def test_a_recipe_that_is_not_there_is_named(name: str, problem: str) -> None:
    with pytest.raises(BadSettingsError, match=problem):
        recipe_named(name)
