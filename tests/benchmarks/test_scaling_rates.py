"""The seconds and the memory of the cost model, how its rates are fitted, and what a check of it makes fail."""

import pytest

from benchmarks.distributed import main
from benchmarks.distributed_runs import Moved, SideRun, log_lines
from benchmarks.distributed_table import Compared, runs_table
from benchmarks.growing_shops import shop_of
from benchmarks.scaling_check import Figure, check_table, figures_of
from benchmarks.scaling_fit import Equation, equations_of, fitted
from benchmarks.scaling_passes import Cluster
from benchmarks.scaling_rates import (
    DATABASE,
    RATES,
    Store,
    leading_bytes,
    leading_bytes_on_disk,
    model_bytes,
    seconds_by_limit,
    seconds_by_step,
    seconds_of,
    worker_bytes,
)
from benchmarks.scaling_run import Run
from benchmarks.watched_tasks import Tasks

STORE = Store(1e9, 1e9)
CLUSTER = Cluster(workers=2, worker_bytes=1 << 30)
KNOWN = {"start": 3.0, "read": 2.0, "code": 0.4, "add": 0.01, "list": 0.02, "scan": 0.004, "evaluate": 0.3}


def measured_of(run: Run, rates: dict[str, float], sha256: str = "a") -> SideRun:
    """Give a run that took just what rates say, and moved just what the model says."""
    seconds = seconds_by_step(run, STORE, rates)
    extraction = run.amounts["extract"]
    staging = STORE.seconds({name: extraction[name] for name in ("link", "store")})
    reading = rates["read"] * extraction["read"] / 1e6 + staging
    handed_out = sum(rates["add"] * one.crowd.pairs + rates["list"] * one.listed for one in run.handed_out) / 1e6
    tasks = Tasks({"all": run.tasks}, {"meet": handed_out, "merge": 0}, {"pairs-1": sum(run.blocks)})
    tasks.spans["read"] = 100.0, 100.0 + reading
    return SideRun(
        events=round(run.all.events),
        interactions=round(run.all.interactions),
        users=round(run.all.users),
        products=run.all.products,
        seconds=sum(seconds.values()),
        seconds_by_step={step: value for step, value in seconds.items() if step != "start"},
        sha256=sha256,
        peak_bytes=round(leading_bytes(run)),
        worker_peak_bytes=round(worker_bytes(run)),
        moved_here=Moved(round(run.staged_here), round(run.event_bytes)),
        moved_by_workers=Moved(round(run.staged_by_workers), round(run.fetched_by_workers)),
        tasks=tasks,
    )


def test_rates_are_found_again_from_runs_that_they_make() -> None:
    runs = [
        Run.of(shop_of(millions), Cluster(2, mebibytes << 20))
        for millions, mebibytes in ((2, 1024), (8, 1024), (16, 400))
    ]
    equations = [one for run in runs for one in equations_of(run, measured_of(run, KNOWN), STORE)]
    found = fitted(equations)
    assert {name: found[name] for name in KNOWN} == pytest.approx(KNOWN, rel=0.02)


def test_a_rate_is_never_below_0() -> None:
    assert fitted([Equation({"start": 1, "read": 1e6}, 1.0), Equation({"start": 1, "read": 2e6}, 0.5)])["read"] == 0


def test_transfers_take_the_longer_of_a_workers_link_and_the_whole_store() -> None:
    amounts = {"here": 1e9, "link": 2e9, "store": 9e9}
    assert Store(1e9, 1e10).seconds(amounts) == pytest.approx(1 + 2)
    assert Store(1e9, 1e9).seconds(amounts) == pytest.approx(1 + 9)
    assert seconds_of({"start": 1, "read": 2e6, **amounts}, {"start": 5.0, "read": 1.0}, Store(1e9, 1e9)) == 5 + 2 + 10


def test_seconds_by_limit_and_by_step_are_the_same_seconds() -> None:
    run = Run.of(shop_of(100), Cluster(10, 1 << 30))
    by_limit, by_step = seconds_by_limit(run, STORE), seconds_by_step(run, STORE)
    assert sum(by_limit.values()) == pytest.approx(sum(by_step.values()))
    assert by_limit[DATABASE] == pytest.approx(RATES["read"] * run.amounts["extract"]["read"] / 1e6)


def test_more_connections_read_sooner_until_there_is_no_worker_for_them() -> None:
    shares = [
        Run.of(shop_of(10), Cluster(n, 1 << 30, connections=connections)).amounts["extract"]["read"]
        for n, connections in ((2, 2), (8, 8), (8, 80))
    ]
    assert shares == pytest.approx([0.7 * 1e7, 0.7 / 4 * 1e7, 1e7 / 8])


def test_memory_and_disk_grow_with_the_shop() -> None:
    small, large = (Run.of(shop_of(millions), CLUSTER) for millions in (10, 100))
    assert leading_bytes(small) < leading_bytes(large)
    assert leading_bytes_on_disk(large)[0] < leading_bytes(large)
    assert model_bytes(large) == pytest.approx(8 * large.all.interactions, rel=0.3)


def test_check_tells_what_is_too_far_off_and_counts_no_single_step() -> None:
    run = Run.of(shop_of(10), CLUSTER)
    figures = figures_of(run, measured_of(run, dict(RATES)), STORE)
    assert all(figure.holds for figure in figures)
    assert [figure.holds for figure in (Figure("tasks", 131, 100), Figure("tasks", 129, 100))] == [False, True]
    assert Figure("seconds of build", 9, 1, counts=False).holds
    assert "| **+31%** |" in check_table({1: [Figure("tasks", 131, 100)]})


def test_what_is_not_there_is_predicted_exactly() -> None:
    assert Figure("MB fetched by workers", 0, 0).holds
    assert not Figure("MB fetched by workers", 5, 0).holds


def test_other_bytes_on_one_side_are_told_and_end_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run.of(shop_of(1), CLUSTER)
    sides = [Compared(1, measured_of(run, dict(RATES)), measured_of(run, dict(RATES), sha)) for sha in ("a", "b")]
    assert [one.is_same for one in sides] == [True, False]
    assert "| NO |" in runs_table(sides)
    monkeypatch.setattr("sys.argv", ["distributed", "--millions", "1", "--recipe", "normalised"])
    monkeypatch.setattr("benchmarks.distributed._bench", open_nothing)
    for one, code in zip(sides, (0, 1), strict=True):
        monkeypatch.setattr("benchmarks.distributed._compared", lambda *_, one=one: one)
        assert main() == code
    assert "| yes |" in capsys.readouterr().out


class open_nothing:  # noqa: N801 (stands for a context manager's function)
    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


def test_tasks_are_counted_by_kind_and_blocks_by_pass() -> None:
    tasks = Tasks()
    for key in ("read-events-0-1", "pairs-3-meet-0-0", "pairs-3-meet-1-0", "pairs-3-merge-0", "pairs-5-merge-0"):
        tasks.note(key, 10.0, 10.5)
    assert tasks.counts == {"read": 1, "meet": 2, "merge": 2}
    assert tasks.seconds["meet"] == 1.0
    assert tasks.blocks == {"pairs-3": 1, "pairs-5": 1}


def test_lines_that_are_no_json_are_left_out() -> None:
    assert list(log_lines('2026 - distributed - warning\n{"worker": {"name": "0"}}\n')) == [{"worker": {"name": "0"}}]
