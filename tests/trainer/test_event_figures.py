"""Figures by which a broken export or a flood of bots shows."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import integer_ids
from trainer.event_figures import EventFigures
from trainer.events import Events

NEAR = st.integers(1_700_000_000, 1_700_000_020)


def events_at(seconds: list[int], users: list[int]) -> Events:
    n = len(seconds)
    return Events(
        integer_ids(list(range(2_000))),
        integer_ids([1]),
        ("purchase",),
        np.array(users, np.int32),
        np.zeros(n, np.int32),
        np.ones(n, np.float32),
        np.array(seconds, np.uint32),
        np.zeros(n, np.uint8),
    )


@given(st.lists(NEAR, min_size=1, max_size=60), st.lists(st.sampled_from([0, 2**32 - 1]), max_size=3))
def test_the_commonest_second_is_found_wherever_it_is(near: list[int], far: list[int]) -> None:
    seconds = near + far
    figures = EventFigures.of(events_at(seconds, [0] * len(seconds)))
    assert figures.commonest_second_share == max(Counter(seconds).values()) / len(seconds)


def test_the_busiest_users_are_a_thousandth_of_all() -> None:
    """Two of two thousand: 0 with six events and 1 with three, of ten."""
    figures = EventFigures.of(events_at([5] * 10, [0] * 6 + [1] * 3 + [2]))
    assert figures.busiest_users_share == 0.9
    assert figures.counts == {"purchase": 10}
