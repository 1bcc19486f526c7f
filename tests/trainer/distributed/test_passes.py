"""Passes that workers make give the bits that this process's threads give, however items are cut into blocks."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.neighbours import Neighbours
from tests.trainer.distributed.teams import TeamThatSays
from tests.trainer.similarity.matrices import EIGHTHS, a_shop, matrices
from tests.trainer.similarity.spilled import bytes_of
from trainer.distributed.passes import LayOutForWorkers, PassesByWorkers
from trainer.distributed.team import Team
from trainer.similarity.named import recipe_named
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.passes import LayOut, Passes, lay_out_here
from trainer.similarity.recipe_names import RECIPE_NAMES
from trainer.similarity.recipes import LeadingTo, Limits, LocalRidge, Recipe

# Weights whose sums are not exact: what is added up in another order would show.
ODD_WEIGHTS = (0.3, 1.0, 1.3, 0.017)
A_SHOP = a_shop(1_500, 300, 20_000, ODD_WEIGHTS)
# Cut into 3, 7 and 11 blocks.
WORKERS = (1, 6, 14)


def cut_for(team: Team, n_workers: int) -> LayOutForWorkers:
    """Have even the smallest matrix go to the workers, in blocks as for so many of them."""
    return LayOutForWorkers(TeamThatSays(team.client, team.shelf, team.worker_bytes, said=n_workers), least_pairs=0)


def found_by(recipe: Recipe, user_items: sp.csr_matrix, lay_out: LayOut, *, least: int = 2, k: int = 20) -> Neighbours:
    return neighbours_by(recipe, user_items, Limits(least, k), threads=2, lay_out=lay_out)


def assert_same(
    team: Team, recipe: Recipe, user_items: sp.csr_matrix, *, n_workers: int = 2, least: int = 2, k: int = 20
) -> Neighbours:
    """Compare what workers find with what threads find, bit for bit."""
    expected = found_by(recipe, user_items, lay_out_here, least=least, k=k)
    found = found_by(recipe, user_items, cut_for(team, n_workers), least=least, k=k)
    assert bytes_of(found) == bytes_of(expected)
    return found


@pytest.mark.parametrize("name", RECIPE_NAMES)
def test_every_recipe_finds_the_same(team: Team, name: str) -> None:
    assert assert_same(team, recipe_named(name), A_SHOP).n_pairs > 2_000


@pytest.mark.parametrize("n_workers", WORKERS)
@pytest.mark.parametrize("name", ["cosine", "local_ridge"])
def test_blocks_may_be_any_number(team: Team, name: str, n_workers: int) -> None:
    assert_same(team, recipe_named(name), A_SHOP, n_workers=n_workers)


@pytest.mark.parametrize("k", [1, 7, 299, 300, 5_000])
def test_few_neighbours_or_more_than_there_are_items(team: Team, k: int) -> None:
    assert_same(team, recipe_named("cosine"), A_SHOP, k=k, n_workers=6)
    assert_same(team, LocalRidge(nearest=k), A_SHOP, k=k)


@pytest.mark.parametrize("least", [1, 3, 8, 1_000])
@pytest.mark.parametrize("name", ["cosine", "local_ridge"])
def test_pairs_need_as_many_users_in_common(team: Team, name: str, least: int) -> None:
    assert_same(team, recipe_named(name), A_SHOP, least=least)


@pytest.mark.parametrize("name", ["cosine", "log_likelihood_ratio", "local_ridge"])
@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_only_targets_are_neighbours(team: Team, name: str, share: float) -> None:
    targets = np.random.default_rng(3).random(300) < share
    found = assert_same(team, LeadingTo(recipe_named(name), targets), A_SHOP)
    assert targets[found.indices].all()


def with_giants(shop: sp.csr_matrix) -> sp.csr_matrix:
    """Add a user who has every item, and an item that every user has."""
    n_users, n_items = shop.shape
    wide = sp.hstack([shop, sp.csr_matrix(np.ones((n_users, 1), np.float32))])
    return sp.vstack([wide, sp.csr_matrix(np.full((1, n_items + 1), 0.3, np.float32))]).tocsr()


EDGES = {
    "nothing at all": sp.csr_matrix(np.zeros((0, 0), np.float32)),
    "no item": sp.csr_matrix(np.zeros((5, 0), np.float32)),
    "no user": sp.csr_matrix(np.zeros((0, 5), np.float32)),
    "no interaction": sp.csr_matrix(np.zeros((50, 20), np.float32)),
    "one interaction": sp.csr_matrix(np.pad(np.ones((1, 1), np.float32), 4)),
    "one item": sp.csr_matrix(np.ones((30, 1), np.float32)),
    "two items": sp.csr_matrix(np.ones((30, 2), np.float32)),
    "all equal": sp.csr_matrix(np.ones((30, 40), np.float32)),
    "nobody shares": sp.csr_matrix(np.eye(30, dtype=np.float32)),
    "giants": with_giants(a_shop(400, 90, 3_000, ODD_WEIGHTS)),
}


@pytest.mark.parametrize("name", ["cosine", "local_ridge"])
@pytest.mark.parametrize("shape", EDGES)
def test_odd_shops(team: Team, shape: str, name: str) -> None:
    for least in (1, 2):
        assert_same(team, recipe_named(name), EDGES[shape], least=least, k=5)


@pytest.mark.parametrize("name", ["cosine", "local_ridge"])
@given(user_items=matrices(), least=st.integers(1, 3), k=st.integers(1, 14), n_workers=st.integers(1, 9))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_small_matrix(team: Team, name: str, user_items: sp.csr_matrix, least: int, k: int, n_workers: int) -> None:
    assert_same(team, recipe_named(name), user_items, least=least, k=k, n_workers=n_workers)


def test_floors_change_nothing_where_scores_are_equal(team: Team) -> None:
    """Of items that score the same, the first ones are kept: a floor must let them all in."""
    rng = np.random.default_rng(5)
    taste = rng.integers(0, 4, 400)
    alike = (taste[:, None] == np.arange(120) % 4).astype(np.float32) * EIGHTHS[1]
    for k in (1, 5, 29, 30, 31):
        assert_same(team, recipe_named("cosine"), sp.csr_matrix(alike), k=k, n_workers=6)


def test_small_matrix_stays_here(team: Team, staging_folder: Path) -> None:
    seen = list[Passes]()

    class Watching:
        def best(self, passes: Passes, limits: Limits) -> object:
            seen.append(passes)
            return recipe_named("cosine").best(passes, limits)

        activity_exponent = 0.0

    found_by(Watching(), A_SHOP, LayOutForWorkers(team))  # type: ignore[arg-type]
    found_by(Watching(), A_SHOP, cut_for(team, 2))  # type: ignore[arg-type]
    assert [isinstance(passes, PassesByWorkers) for passes in seen] == [False, True]
    assert not list(staging_folder.rglob("*.arrow"))


def test_nothing_stays_staged(team: Team, staging_folder: Path) -> None:
    for name in ("cosine", "local_ridge"):
        found_by(recipe_named(name), A_SHOP, cut_for(team, 6))
    assert [path for path in staging_folder.rglob("*") if path.is_file() and path.name != ".lock"] == []
