"""What fades, and what repeats add."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.trainer.evaluation.shops import events_of, some_settings
from trainer.events import Events
from trainer.signal import damp, faded, user_items_of
from trainer.window import within_window

# A product bought once and one bought three times, both viewed; the other user has viewed one.
BOUGHT = [(1, 1, 0.0), (1, 2, 0.0), (1, 2, 10.0), (1, 2, 20.0)]
VIEWED = [(1, 1, 20.0, "view"), (2, 2, 20.0, "view")]


def shop() -> Events:
    return events_of([*BOUGHT, *VIEWED], ("purchase", "view"))


@pytest.mark.parametrize(
    ("repeats", "once", "thrice", "viewed"),
    [("sum", 1.3, 3.0, 0.3), ("log", 1 + np.log(1.3), 1 + np.log(3), 0.3), ("cap", 1.0, 1.0, 0.3), ("binary", 1, 1, 1)],
)
def test_repeats_add_what_is_asked_for(repeats: str, once: float, thrice: float, viewed: float) -> None:
    matrix = user_items_of(shop(), some_settings(repeats=repeats))
    assert matrix.toarray() == pytest.approx(np.array([[once, thrice], [0, viewed]]), rel=1e-6)


def test_an_event_counts_half_after_a_half_life() -> None:
    matrix = user_items_of(shop(), some_settings(half_life_days=10))
    assert matrix.toarray() == pytest.approx(np.array([[0.25 + 0.3, 0.25 + 0.5 + 1], [0, 0.3]]), rel=1e-3)


def test_age_is_counted_back_from_the_cut_where_there_is_one() -> None:
    events = shop()
    cut = int(events.occurred_at.min()) + 10 * 86_400
    matrix = user_items_of(events, some_settings(half_life_days=10), until=cut)
    assert matrix.toarray() == pytest.approx(np.array([[0.5, 1.5], [0, 0]]), rel=1e-3)


def test_no_event_fades_away_altogether() -> None:
    """Or a product would have users whose weight is nothing, and no norm."""
    assert faded(shop(), 0.01).weight.min() > 0


def test_the_order_of_the_databases_rows_does_not_show() -> None:
    rng = np.random.default_rng(3)
    n = 5_000
    rows = list(zip(rng.integers(0, 20, n), rng.integers(0, 9, n), rng.random(n) * 300, strict=True))
    settings, order = some_settings(half_life_days=17, repeats="log"), rng.permutation(n)
    one = user_items_of(events_of([(int(u), int(i), float(d)) for u, i, d in rows]), settings)
    other = user_items_of(
        events_of([(int(u), int(i), float(d)) for u, i, d in (rows[place] for place in order)]), settings
    )
    assert one.data.tobytes() == other.data.tobytes()


def test_a_window_keeps_the_last_days() -> None:
    assert within_window(shop(), 10).counts == {"purchase": 2, "view": 2}
    assert within_window(shop(), None).counts == {"purchase": 4, "view": 2}


def test_many_weights_are_damped_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.signal._WEIGHTS_AT_ONCE", 7)
    weights = np.linspace(0.1, 9, 50).astype(np.float32)
    damped = weights.copy()
    damp(damped, "log")
    assert damped == pytest.approx(np.where(weights > 1, 1 + np.log(weights), weights), rel=1e-6)


@pytest.mark.parametrize("change", [lambda events: events, lambda events: events.where(events.weight > 9)])
def test_nothing_is_left_of_nothing(change: Callable[[Events], Events]) -> None:
    events = change(shop())
    assert len(within_window(events, 100)) == len(faded(events, 3)) == len(events)
