"""The command that checks plans: what it fits is what runs cost, and a plan that is too far off makes it fail."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cost_fit import Observed, fit, fitted_table, read_observed, write_observed
from benchmarks.generated_shops import GeneratedShop, generated_tables, write_sqlite
from benchmarks.machine import this_machine
from benchmarks.measuring import measure_python
from benchmarks.planning import Check, main
from benchmarks.trainer_runs import trainer_environment
from trainer.planning.costs import COSTS, Drivers, StepCost
from trainer.planning.size import ShopSize

RATES = {"once": 0.4, "events": 1.7, "interactions": 0.0, "additions": 0.02}


def shops(n: int) -> list[ShopSize]:
    rng = np.random.default_rng(n)
    return [
        ShopSize({"purchase": int(events)}, users, products, events / 2, additions, additions / 9, products * 80)
        for events, users, products, additions in zip(
            rng.uniform(1e4, 2e7, n),
            rng.uniform(1e3, 1e6, n),
            rng.uniform(50, 5e4, n),
            rng.uniform(1e6, 1e9, n),
            strict=True,
        )
    ]


def observed(size: ShopSize) -> Observed:
    drivers = Drivers.of(size, 2)
    seconds = {cost.step: 2 * drivers.cost(cost.seconds) for cost in COSTS}
    peaks = {cost.step: 1e6 * drivers.cost(cost.megabytes) for cost in COSTS if cost.step != "start"}
    seconds |= {"evaluate": drivers.cost(RATES), "prune": 0.01}
    return Observed("a shop", size, 2, seconds, {**peaks, "evaluate": 1e9, "prune": 1e9}, 160e6)


def test_rates_are_found_again_from_what_they_make() -> None:
    drivers = [Drivers.of(size, 2) for size in shops(12)]
    found = fit(tuple(RATES), drivers, [one.cost(RATES) for one in drivers], 0.5)
    assert found == pytest.approx(RATES, rel=0.02, abs=0.01)


def test_a_step_that_the_table_does_not_have_yet_gets_a_row() -> None:
    table = fitted_table([observed(size) for size in shops(12)], COSTS, this_machine())
    made: dict[str, tuple[StepCost, ...]] = {}
    exec(table.replace(": Final", ""), {"StepCost": StepCost}, made)
    rows = {cost.step: cost for cost in made["COSTS"]}
    assert {cost.step for cost in COSTS} | {"evaluate"} == rows.keys()
    assert rows["evaluate"].seconds["events"] == pytest.approx(RATES["events"], rel=0.02)
    assert "FILE_MEGABYTES = 160" in table.replace(": Final", "")


def test_a_row_keeps_the_drivers_that_the_table_names_for_it() -> None:
    known = (
        COSTS[0],
        StepCost("extract", {"once": 1.0, "users": 1.0}, {"once": 1.0, "text_ids": 1.0}),
    )
    line = next(
        row
        for row in fitted_table([observed(size) for size in shops(5)], known, this_machine()).splitlines()
        if '"extract"' in row
    )
    assert '"users":' in line
    assert '"text_ids":' in line
    assert '"events":' not in line


def test_what_was_measured_can_be_kept_and_fitted_again(tmp_path: Path) -> None:
    measured = [observed(size) for size in shops(3)]
    write_observed(tmp_path / "observed.json", measured)
    assert read_observed(tmp_path / "observed.json") == measured


@pytest.mark.parametrize(
    ("planned_megabytes", "planned_seconds", "by_history", "holds"),
    [(149, 10, 10, True), (151, 10, 10, False), (66, 10, 10, False), (100, 15.1, 10, False), (100, 10, 6.6, False)],
)
def test_a_plan_holds_within_a_factor_of_one_and_a_half_in_every_respect(
    planned_megabytes: float, planned_seconds: float, by_history: float, holds: bool
) -> None:
    check = Check("a shop", 1, 1.0, planned_megabytes, 100, planned_seconds, by_history, 10, "1Gi")
    assert check.holds is holds


def test_a_plan_that_is_too_far_off_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = Check("a", 1, 1.0, 100, 100, 10, 10, 10, "1Gi"), Check("b", 1, 1.0, 100, 400, 10, 10, 10, "1Gi")
    monkeypatch.setattr("sys.argv", ["planning", "--shop", "sample shop", "--shop", "1 M users"])
    monkeypatch.setattr("benchmarks.planning._warm_up", lambda *_: None)
    monkeypatch.setattr(
        "benchmarks.planning._loaded_and_checked", lambda shop, *_: good if shop.name == "sample shop" else bad
    )
    assert main() == 1
    assert "The worst factor is 4.00" in capsys.readouterr().out


def test_generated_shop_is_as_large_as_asked_and_the_same_each_time(tmp_path: Path) -> None:
    shop = GeneratedShop(200, 50, 3000, 1000)
    tables = generated_tables(shop)
    assert {name: len(table) for name, table in tables.items() if name != "order_items"} == {
        "users": 200,
        "products": 50,
        "orders": 1000,
        "product_views": 1000,
    }
    assert 2500 < len(tables["order_items"]) <= 3000
    assert generated_tables(shop) == tables
    write_sqlite(tmp_path / "shop.db", tables)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as opened:
        assert opened.execute("SELECT COUNT(*) FROM order_items").fetchone() == (len(tables["order_items"]),)
        (last,) = opened.execute("SELECT MAX(viewed_at) FROM product_views").fetchone()
    assert last <= "2025-01-05 00:00:00.000000"


def test_a_run_can_tell_the_memory_of_each_step(tmp_path: Path) -> None:
    url = write_sqlite(tmp_path / "shop.db", generated_tables(GeneratedShop(200, 50, 9000, 3000)))
    environment = trainer_environment(url, tmp_path, {})
    told = json.loads(measure_python(["-m", "benchmarks.step_peaks"], tmp_path, environment).output)
    assert told["seconds_by_step"].keys() == told["peak_bytes_by_step"].keys() >= {"extract", "matrix", "build"}
    peaks = told["peak_bytes_by_step"]
    assert 50e6 < peaks["champion"] < peaks["extract"] < peaks["build"]
    assert 0 < told["file_bytes"] < peaks["build"]
