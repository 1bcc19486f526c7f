"""The cut, and what is held out behind it: what users who were known took up for the first time."""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_model, integer_ids
from tests.trainer.evaluation.shops import Row, a_champion, day, events_of
from trainer.evaluation.cut import Cut, CutBy, cuts
from trainer.evaluation.holdout import Holdout, hold_out
from trainer.evaluation.settings import EvaluationSettings
from trainer.events import Events

ROWS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 8), st.integers(0, 12).map(float)), min_size=1, max_size=120
)


def held_out(events: Events, after: float, **settings: Any) -> Holdout:  # noqa: ANN401 (fields of EvaluationSettings)
    """Hold out what came after a day, with lists of one product unless told otherwise."""
    cut = Cut(int(day(after).timestamp()), CutBy.WINDOW)
    return hold_out(events, cut, EvaluationSettings(**({"evaluation_k": 1} | settings)))


def truths(events: Events, holdout: Holdout) -> dict[str, set[str]]:
    """Each user's products by the shop's own ids."""
    spans = zip(holdout.indptr[:-1].tolist(), holdout.indptr[1:].tolist(), strict=True)
    return {
        events.users.at(user): {events.products.at(item) for item in holdout.items[begin:end].tolist()}
        for user, (begin, end) in zip(holdout.users.tolist(), spans, strict=True)
    }


def brute_force(rows: list[Row], cut: float, choice: int) -> tuple[dict[str, set[str]], int, int]:
    """Give what each known user took up after a day, how many are left out, and how many users are new."""
    before, after = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for user, product, when, *_ in rows:
        (before if when <= cut else after)[str(user)].add(str(product))
    known, catalogue = {user for user in after if user in before}, {row[1] for row in rows}
    able = {user for user in known if after[user] - before[user] and len(catalogue) - len(before[user]) >= choice}
    return {user: after[user] - before[user] for user in able}, len(known) - len(able), len(after) - len(known)


@given(ROWS, st.integers(-1, 13), st.integers(1, 4))
def test_holdout_is_what_brute_force_gives(rows: list[Row], cut: int, k: int) -> None:
    events = events_of(rows)
    found = held_out(events, cut, evaluation_k=k)
    expected, left_out, new = brute_force(rows, cut, choice=2 * k)
    assert truths(events, found) == expected
    assert (found.n_left_out, found.n_new_users, found.n_sampled_from) == (left_out, new, len(expected))
    assert np.all(np.diff(found.users) > 0)


def test_event_at_the_cut_is_known_and_one_a_second_later_is_held_out() -> None:
    second = 1 / 86_400
    events = events_of([(1, 1, 5), (2, 1, 5), (1, 2, 5), (2, 2, 5 + second), (1, 3, 5 + second), (3, 4, 1)])
    assert truths(events, held_out(events, 5)) == {"1": {"3"}, "2": {"2"}}


def test_product_that_a_user_had_before_does_not_count_however_often_it_comes_again() -> None:
    again = [(user, 1, when) for user in (1, 2, 3) for when in (6, 7, 8)]
    events = events_of([*((user, 1, 1) for user in (1, 2, 3)), *again, (1, 2, 6), (2, 2, 6), (2, 2, 7), (3, 1, 9)])
    found = held_out(events, 5, evaluation_k=1)
    assert truths(events, found) == {}, "one product is left to each: that is no choice"
    events = events_of([*((user, 1, 1) for user in (1, 2, 3)), *again, (1, 2, 6), (2, 2, 6), (2, 2, 7), (9, 3, 1)])
    found = held_out(events, 5, evaluation_k=1)
    assert truths(events, found) == {"1": {"2"}, "2": {"2"}}
    assert found.n_left_out == 1


@given(ROWS, st.integers(-1, 13))
def test_all_that_users_took_up_counts_where_lists_may_hold_it(rows: list[Row], cut: int) -> None:
    events = events_of(rows)
    found = held_out(events, cut, evaluation_k=1, exclude_seen=False)
    before = {(str(user), str(product)) for user, product, when, *_ in rows if when <= cut}
    after = {(str(user), str(product)) for user, product, when, *_ in rows if when > cut}
    theirs = {pair for pair in after if pair[0] in {user for user, _ in before}}
    has_a_choice = len(events.products) >= 2
    listed = {(user, product) for user, products in truths(events, found).items() for product in products}
    assert listed == (theirs if has_a_choice else set())
    assert found.repeat_share == pytest.approx(len(theirs & before) / len(theirs) if theirs else 0.0)
    assert found.repeat_share == held_out(events, cut, evaluation_k=1).repeat_share


def test_only_the_kinds_that_are_named_count_as_taken_up() -> None:
    rows: list[Row] = [(1, 1, 1, "view"), (2, 1, 1, "purchase"), (1, 2, 6, "view"), (1, 3, 7, "purchase")]
    rows += [(2, 2, 6, "view"), (2, 9, 6, "view"), (3, 4, 1, "view"), (3, 4, 8, "purchase")]
    events = events_of(rows, ("purchase", "view"))
    assert truths(events, held_out(events, 5)) == {"1": {"2", "3"}, "2": {"2", "9"}}
    assert truths(events, held_out(events, 5, holdout_kinds="purchase")) == {"1": {"3"}}
    assert truths(events, held_out(events, 5, holdout_kinds="purchase", exclude_seen=False)) == {"1": {"3"}, "3": {"4"}}
    assert truths(events, held_out(events, 5, holdout_kinds="view, purchase")) == truths(events, held_out(events, 5))


def test_champions_newest_event_is_the_first_cut_and_the_last_days_are_the_second() -> None:
    events = events_of([(1, 1, 0), (1, 2, 20)])
    settings, champion = EvaluationSettings(holdout_days=15), a_champion(None, until=18)
    found = list(cuts(events, champion, settings))
    assert [(cut.time, cut.by) for cut in found] == [(day(18), CutBy.CHAMPION), (day(5), CutBy.WINDOW)]
    assert [cut.by for cut in cuts(events, None, settings)] == [CutBy.WINDOW]
    without_time = a_champion(None, until=18, data_until=None)
    assert [cut.by for cut in cuts(events, without_time, settings)] == [CutBy.WINDOW]


def test_user_whom_only_the_served_champion_knows_is_asked_about() -> None:
    rows: list[Row] = [(7, 1, 6), (8, 1, 6), *((9, product, 1.0) for product in range(5))]
    events, seconds = events_of(rows), int(day(5).timestamp())
    knows_7 = a_model(users=integer_ids([1, 2, 7]))
    found = hold_out(events, Cut(seconds, CutBy.CHAMPION, knows_7.users), EvaluationSettings(evaluation_k=1))
    assert truths(events, found) == {"7": {"1"}}
    assert found.n_new_users == 1
    assert held_out(events, 5).n_new_users == 2


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
def test_nobody_is_held_out_where_nobody_did_something_new(rows: list[Row]) -> None:
    events = events_of(rows)
    (window,) = cuts(events, None, EvaluationSettings())
    found = hold_out(events, window, EvaluationSettings(evaluation_k=1))
    assert (len(found.users), found.indptr.tolist(), len(found.items)) == (0, [0], 0)


def test_window_may_begin_before_1970() -> None:
    early = Events(**{**vars(events_of([(1, 1, 0.0)])), "occurred_at": np.zeros(1, np.uint32)})
    (window,) = cuts(early, None, EvaluationSettings())
    assert window.seconds < 0
    assert len(hold_out(early, window, EvaluationSettings()).users) == 0


def test_sample_is_no_larger_than_asked_for_the_same_every_time_and_says_what_it_was_drawn_from() -> None:
    rows: list[Row] = [(user, product, 20.0 * product) for user in range(400) for product in (0, 1)]
    rows += [(1000, product, 0.0) for product in range(5)]
    events = events_of(rows)
    sample = held_out(events, 5, holdout_users=50)
    assert (len(sample.users), sample.n_sampled_from) == (50, 400)
    assert sample.users.max() > 200, "from all users, not from the first"
    assert held_out(events, 5, holdout_users=50).users.tolist() == sample.users.tolist()
    assert held_out(events_of(rows[::-1]), 5, holdout_users=50).users.tolist() == sample.users.tolist()
    everybody = truths(events, held_out(events, 5, holdout_users=400))
    assert truths(events, sample).items() <= everybody.items()
