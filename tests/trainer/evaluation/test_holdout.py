"""The cut, and what is held out behind it: what users who were known took up for the first time."""

from collections import defaultdict
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.evaluation.shops import Row, day, events_of
from trainer.evaluation.holdout import CutBy, Holdout, NoHoldout, hold_out
from trainer.evaluation.settings import EvaluationSettings
from trainer.events import Events

ROWS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 8), st.integers(0, 12).map(float)), min_size=1, max_size=120
)


def held_out(events: Events, champion_until: datetime | None = None, **settings: Any) -> Holdout:  # noqa: ANN401 (fields of EvaluationSettings)
    found = hold_out(events, champion_until, EvaluationSettings(**({"holdout_min_users": 2} | settings)))
    assert isinstance(found, Holdout), found.why
    return found


def truths(events: Events, holdout: Holdout) -> dict[str, set[str]]:
    """Each user's products by the shop's own ids."""
    spans = zip(holdout.indptr[:-1].tolist(), holdout.indptr[1:].tolist(), strict=True)
    return {
        events.users.at(user): {events.products.at(item) for item in holdout.items[begin:end].tolist()}
        for user, (begin, end) in zip(holdout.users.tolist(), spans, strict=True)
    }


def brute_force(rows: list[Row], cut: float) -> tuple[dict[str, set[str]], int, int]:
    """Give what each known user took up after a day, how many took up nothing new, and how many users are new."""
    before, after = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for user, product, when, *_ in rows:
        (before if when <= cut else after)[str(user)].add(str(product))
    known = {user for user in after if user in before}
    taken_up = {user: after[user] - before[user] for user in known if after[user] - before[user]}
    return taken_up, len(known) - len(taken_up), len(after) - len(known)


@given(ROWS, st.integers(0, 12), st.integers(1, 12))
def test_holdout_is_what_brute_force_gives(rows: list[Row], champion_until: int, window: int) -> None:
    events, newest = events_of(rows), max(row[2] for row in rows)
    found = hold_out(events, day(champion_until), EvaluationSettings(holdout_min_users=2, holdout_days=window))
    for cut, by in ((champion_until, CutBy.CHAMPION), (newest - window, CutBy.WINDOW)):
        expected, left_out, new = brute_force(rows, cut)
        if len(expected) >= 2:
            assert isinstance(found, Holdout)
            assert (found.cut, found.cut_by) == (int(day(cut).timestamp()), by)
            assert truths(events, found) == expected
            assert (found.n_left_out, found.n_new_users, found.n_sampled_from) == (left_out, new, len(expected))
            return
    assert isinstance(found, NoHoldout)


def test_event_at_the_cut_is_known_and_one_a_second_later_is_held_out() -> None:
    second = 1 / 86_400
    events = events_of([(1, 1, 5), (2, 1, 5), (1, 2, 5), (2, 2, 5 + second), (1, 3, 5 + second)])
    assert truths(events, held_out(events, day(5))) == {"1": {"3"}, "2": {"2"}}


def test_product_that_a_user_had_before_does_not_count_however_often_it_comes_again() -> None:
    again = [(user, 1, when) for user in (1, 2, 3) for when in (6, 7, 8)]
    events = events_of([*((user, 1, 1) for user in (1, 2, 3)), *again, (1, 2, 6), (2, 2, 6), (2, 2, 7)])
    found = held_out(events, day(5))
    assert truths(events, found) == {"1": {"2"}, "2": {"2"}}
    assert found.n_left_out == 1


def test_window_is_taken_where_too_few_did_something_new_since_the_champion() -> None:
    rows: list[Row] = [(user, 1, 0) for user in range(1, 11)]
    rows += [(user, 2, 10) for user in range(1, 11)] + [(1, 3, 20), (2, 3, 20)]
    events = events_of(rows)
    found = held_out(events, day(15), holdout_min_users=3, holdout_days=15)
    assert (found.cut_by, found.cut, len(found.users)) == (CutBy.WINDOW, day(5).timestamp(), 10)
    assert held_out(events, day(15), holdout_days=15).cut_by is CutBy.CHAMPION
    assert held_out(events, None, holdout_days=15).cut_by is CutBy.WINDOW


@pytest.mark.parametrize(
    "rows",
    [
        [(user, product, 3.0) for user in range(20) for product in range(20)],
        [(user, 1, float(when)) for user in range(20) for when in range(30)],
        [(user, user + when, float(when)) for user in range(20) for when in range(3)],
        [(1, 1, 0.0)],
    ],
    ids=["all times equal", "everybody knows everything", "all within the window", "one event"],
)
def test_too_few_users_are_no_holdout_and_it_says_so(rows: list[Row]) -> None:
    found = hold_out(events_of(rows), None, EvaluationSettings(holdout_min_users=2))
    assert isinstance(found, NoHoldout)
    assert "0 users" in found.why
    assert "HOLDOUT_MIN_USERS asks for 2" in found.why


def test_champion_that_is_newer_than_all_events_leaves_the_window() -> None:
    events = events_of([(user, when, float(when)) for user in range(9) for when in range(20)])
    assert held_out(events, day(1000)).cut_by is CutBy.WINDOW


def test_window_may_begin_before_1970() -> None:
    events = events_of([(1, 1, 0.0)])
    early = Events(**{**vars(events), "occurred_at": np.zeros(1, np.uint32)})
    assert isinstance(hold_out(early, None, EvaluationSettings()), NoHoldout)


def test_sample_is_no_larger_than_asked_for_the_same_every_time_and_says_what_it_was_drawn_from() -> None:
    rows: list[Row] = [(user, product, 20.0 * product) for user in range(400) for product in (0, 1)]
    events = events_of(rows)
    sample = held_out(events, day(5), holdout_users=50)
    assert (len(sample.users), sample.n_sampled_from) == (50, 400)
    assert np.all(np.diff(sample.users) > 0)
    assert sample.users.max() > 200, "from all users, not from the first"
    assert held_out(events, day(5), holdout_users=50).users.tolist() == sample.users.tolist()
    shuffled = events_of(rows[::-1])
    assert held_out(shuffled, day(5), holdout_users=50).users.tolist() == sample.users.tolist()
    everybody = truths(events, held_out(events, day(5), holdout_users=400))
    assert truths(events, sample).items() <= everybody.items()
