"""How seconds and memory are estimated, and what the history does to them."""

from datetime import UTC, datetime

import pytest

from registry.history import Outcome, Run
from trainer.planning.costs import COSTS, MEASURED_ON, Drivers
from trainer.planning.estimate import estimate, peak_bytes
from trainer.planning.size import ShopSize, size_of_run

SIZE = ShopSize({"purchase": 4_000_000, "view": 6_000_000}, 200_000, 10_000, 5_000_000, 8e9, 5e8, 800_000)
BY_CONSTANTS = estimate(SIZE, 2, [])


def a_run(size: ShopSize, seconds_by_step: dict[str, float]) -> Run:
    return Run(
        timestamp=datetime.now(UTC),
        outcome=Outcome.PROMOTED,
        duration_seconds=1.0,
        n_users=round(size.users),
        n_products=round(size.products),
        n_interactions=round(size.interactions),
        similarity_density=size.neighbours / (size.products * (size.products - 1)),
        events=dict(size.events),
        seconds_by_step=seconds_by_step,
    )


def times(factor: float, size: ShopSize = SIZE) -> dict[str, float]:
    """Give what the steps of a run take on a machine so many times as slow as the one that was measured."""
    seconds = estimate(size, 2, []).seconds_by_step
    return {step: factor * seconds[step] for step in seconds if step != "start"}


def test_without_a_history_the_constants_are_used_and_say_so() -> None:
    assert BY_CONSTANTS.basis == MEASURED_ON
    drivers = Drivers.of(SIZE, 2)
    assert BY_CONSTANTS.seconds == pytest.approx(sum(drivers.cost(cost.seconds) for cost in COSTS))
    assert BY_CONSTANTS.peak_bytes == pytest.approx(1e6 * max(drivers.cost(cost.megabytes) for cost in COSTS))


def test_a_slower_machine_s_history_makes_each_step_as_slow() -> None:
    slow = estimate(SIZE, 2, [a_run(SIZE, times(3.0))])
    assert slow.basis == "the last run"
    for step in ("extract", "build"):
        assert slow.seconds_by_step[step] == pytest.approx(3 * BY_CONSTANTS.seconds_by_step[step], rel=0.1)
    assert slow.seconds_by_step["start"] == BY_CONSTANTS.seconds_by_step["start"]
    assert slow.bytes_by_step == BY_CONSTANTS.bytes_by_step


def test_a_smaller_shop_s_history_is_scaled_to_today_s() -> None:
    earlier = SIZE.grown_to({"purchase": 2_000_000, "view": 3_000_000})
    grown = estimate(SIZE, 2, [a_run(earlier, times(2.0, earlier))])
    assert grown.seconds_by_step["build"] == pytest.approx(2 * BY_CONSTANTS.seconds_by_step["build"], rel=0.1)


def test_one_run_that_took_far_longer_than_the_others_does_not_count() -> None:
    usual, odd = a_run(SIZE, times(1.0)), a_run(SIZE, times(50.0))
    history = estimate(SIZE, 2, [usual, usual, odd])
    assert history.seconds == pytest.approx(BY_CONSTANTS.seconds)
    assert history.basis == "the last 3 runs"


def test_only_the_latest_runs_count() -> None:
    history = [a_run(SIZE, times(9.0))] * 20 + [a_run(SIZE, times(2.0))] * 3
    assert estimate(SIZE, 2, history).seconds_by_step["build"] == pytest.approx(
        2 * BY_CONSTANTS.seconds_by_step["build"], rel=0.1
    )


def test_runs_that_do_not_say_how_large_they_were_do_not_count() -> None:
    unfinished = Run(
        timestamp=datetime.now(UTC), outcome=Outcome.FAILED, duration_seconds=1.0, seconds_by_step={"extract": 900.0}
    )
    assert size_of_run(unfinished) is None
    assert estimate(SIZE, 2, [unfinished]) == BY_CONSTANTS


def test_steps_that_the_table_does_not_have_take_what_they_usually_took() -> None:
    runs = [a_run(SIZE, {**times(1.0), "roll_out": seconds}) for seconds in (30.0, 40.0, 50.0)]
    expected = estimate(SIZE, 2, runs)
    assert expected.seconds_by_step["roll_out"] == 40.0
    assert expected.seconds == pytest.approx(BY_CONSTANTS.seconds + 40.0)


def test_more_threads_take_less_time_and_more_memory() -> None:
    assert estimate(SIZE, 8, []).seconds_by_step["build"] < BY_CONSTANTS.seconds_by_step["build"]
    assert estimate(SIZE, 8, []).bytes_by_step["build"] >= BY_CONSTANTS.bytes_by_step["build"]


def test_what_is_known_of_the_events_alone_needs_no_more_than_the_whole_shop() -> None:
    assert 0 < peak_bytes(ShopSize(SIZE.events), 2) <= peak_bytes(SIZE, 2)


def test_a_run_tells_the_size_of_its_shop() -> None:
    size = size_of_run(a_run(SIZE, {}))
    assert size is not None
    assert (size.events, size.users, size.interactions) == (SIZE.events, SIZE.users, SIZE.interactions)
    assert size.neighbours == pytest.approx(SIZE.neighbours)


def test_the_table_has_each_step_once_and_no_cost_below_nothing() -> None:
    assert len({cost.step for cost in COSTS}) == len(COSTS)
    assert min(rate for cost in COSTS for rate in [*cost.seconds.values(), *cost.megabytes.values()]) >= 0
