"""Each rule: what it passes, what it stops, what it says of it, and where it has nothing to judge by."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from registry.history import Outcome
from tests.builders import a_model, integer_ids
from tests.trainer.gate.cases import (
    NOW,
    SETTINGS,
    a_case,
    a_champion,
    a_run,
    against_buying_again,
    an_evaluation,
    ruling,
    some_data,
)
from trainer.gate.case import Case
from trainer.gate.gate import judge
from trainer.gate.rules import RULES


def test_candidate_with_nothing_wrong_passes_every_rule() -> None:
    report = judge(a_case(), {})
    assert [ruling.rule for ruling in report.rulings] == ["minimums", *(rule.name for rule in RULES)]
    assert {ruling.verdict for ruling in report.rulings} == {"passed"}
    assert report.accepts
    assert report.reason == ""


@pytest.mark.parametrize(
    ("rule", "broken", "measured", "parts"),
    [
        (
            "champion",
            {"evaluation": an_evaluation(0.19, 0.2, worst=-0.011)},
            -0.055,
            ["0.1900", "0.2000", "5.5% less at worst"],
        ),
        (
            "popularity",
            {"evaluation": an_evaluation(0.2, popularity=0.25, best=-0.01)},
            -0.04,
            ["0.2000", "0.2500", "4.0% less"],
        ),
        ("popularity", {"evaluation": an_evaluation(0.2, popularity=0.2, best=0.0)}, 0.0, ["0.2000"]),
        (
            "buy_again",
            {"evaluation": against_buying_again(0.25, best=-0.01)},
            -0.04,
            ["0.2000", "buy again's 0.2500", "4.0% less"],
        ),
        (
            "events",
            {"data": some_data({"purchase": 1000, "view": 200})},
            1 / 3,
            ["200 view events", "33.3% less", "300"],
        ),
        ("events", {"data": some_data({"purchase": 1000})}, 1.0, ["0 view events", "100.0% less"]),
        ("users", {"model": a_model(users=integer_ids([1, 2]), histories={0: {0: 1.0}})}, 1 / 3, ["2 users"]),
        (
            "products",
            {"model": a_model(products=integer_ids([10, 20, 30]), histories={0: {0: 1.0}})},
            0.4,
            ["3 products", "40.0% less"],
        ),
        ("interactions", {"model": a_model(histories={0: {0: 1.0}})}, 0.875, ["1 interactions", "87.5% less"]),
        ("coverage", {"model": a_model(neighbours={0: {1: 0.9}})}, 2 / 3, ["20.0%", "60.0%"]),
        ("busiest_users", {"data": some_data(busiest=0.08)}, 0.08, ["8.0%", "2.0%", "7.0% is allowed"]),
        ("newest_event", {"data": some_data(until=NOW - timedelta(days=4))}, 4.0, ["4.0 days", "2025-01-01 02:00 UTC"]),
        ("times", {"data": some_data(commonest=0.6)}, 0.6, ["60.0%", "same second"]),
        (
            "backwards",
            {"data": some_data(until=NOW - timedelta(days=3))},
            2.0,
            ["is of 2025-01-02 02:00 UTC, the champion's of 2025-01-04 02:00 UTC"],
        ),
        (
            "forgotten",
            {"model": a_model(histories={0: {0: 1.0}, 1: {1: 1.0}, 2: dict.fromkeys(range(5), 1.0)})},
            1 / 8,
            ["12.5% of the champion's pairs"],
        ),
        ("overlap", {"model": a_model(neighbours={0: {4: 0.9}, 1: {4: 0.9}, 2: {4: 0.9}})}, 0.0, ["0.0%"]),
    ],
)
def test_broken_rule_tells_what_it_measured(
    rule: str, broken: Mapping[str, Any], measured: float, parts: list[str]
) -> None:
    found = ruling(rule, a_case(**broken), action="reject")
    assert found.verdict == "rejected"
    assert found.measured == pytest.approx(measured)
    for part in parts:
        assert part in found.sentence
    assert ruling(rule, a_case(**broken), action="warn").verdict == "warned"
    assert ruling(rule, a_case(**broken), action="off").verdict == "skipped"


@pytest.mark.parametrize(
    ("rule", "threshold", "just_met"),
    [
        ("champion", 0.05, {"evaluation": an_evaluation(0.2, 0.2, worst=-0.01)}),
        ("popularity", 0.0, {"evaluation": an_evaluation(0.19, popularity=0.2, best=0.0001)}),
        ("buy_again", 0.05, {"evaluation": against_buying_again(0.2, best=-0.01)}),
        ("events", 0.25, {"data": some_data({"purchase": 750, "view": 300})}),
        ("busiest_users", 0.05, {"data": some_data(busiest=0.07)}),
        ("newest_event", 3.0, {"data": some_data(until=NOW - timedelta(days=3))}),
        ("times", 0.5, {"data": some_data(commonest=0.5)}),
    ],
)
def test_threshold_itself_is_allowed(rule: str, threshold: float, just_met: Mapping[str, Any]) -> None:
    assert ruling(rule, a_case(**just_met), threshold=threshold).verdict == "passed"
    tighter = ruling(rule, a_case(**just_met), threshold=threshold - 0.01 if threshold else 0.01, action="reject")
    assert tighter.verdict == "rejected"


@pytest.mark.parametrize(
    ("rules", "case", "part"),
    [
        (["champion", "backwards", "forgotten", "overlap"], a_case(champion=None), "No model is in service"),
        (["champion", "backwards", "forgotten", "overlap"], a_case(champion=None, is_backfill=True), "backfill"),
        (
            ["champion", "popularity", "buy_again"],
            a_case(evaluation=None, why_not="all events are at one time"),
            "all events are at one",
        ),
        (["overlap"], a_case(champion=a_champion(recipe="lift")), "another recipe"),
        (["overlap"], a_case(champion=a_champion(settings=SETTINGS | {"neighbours": 50})), "other settings"),
        (["overlap"], a_case(champion=a_champion(a_model(neighbours={0: {}}))), "No product of the champion"),
        (["forgotten"], a_case(champion=a_champion(a_model().without_histories())), "without histories"),
        (["events", "users", "products", "interactions", "coverage"], a_case(a_run(Outcome.FAILED)), "No earlier run"),
        (["newest_event", "backwards"], a_case(data=some_data(until=None)), "No event has a time"),
    ],
)
def test_rule_with_nothing_to_judge_by_is_skipped_and_says_why(rules: list[str], case: Case, part: str) -> None:
    for rule in rules:
        found = ruling(rule, case)
        assert found.verdict == "skipped"
        assert found.measured is None
        assert part in found.sentence


def test_champion_that_could_not_be_rebuilt_is_not_compared_with() -> None:
    tried = replace(an_evaluation(), champion=None, against_champion=None, champion_note="it was made by another class")
    found = ruling("champion", a_case(evaluation=tried))
    assert found.verdict == "skipped"
    assert "made by another class" in found.sentence


def test_lists_of_new_products_are_not_held_against_what_users_buy_again() -> None:
    found = ruling("buy_again", a_case(evaluation=replace(an_evaluation(), buy_again=None, against_buy_again=None)))
    assert (found.verdict, found.measured) == ("skipped", None)
    assert "lists are of new products" in found.sentence


def test_champion_that_hits_nothing_is_not_hard_to_match() -> None:
    assert ruling("champion", a_case(evaluation=an_evaluation(0.0, 0.0, 0.0))).verdict == "passed"
    assert ruling("popularity", a_case(evaluation=an_evaluation(0.1, popularity=0.0, best=0.1))).measured == 1.0
    assert ruling("popularity", a_case(evaluation=an_evaluation(0.0, popularity=0.0, best=0.0))).verdict == "rejected"


@pytest.mark.parametrize("rule", ["busiest_users", "times"])
def test_first_model_is_only_warned_of_where_a_doubtful_one_serves_better_than_none(rule: str) -> None:
    doubtful = a_case(data=some_data(busiest=0.9, commonest=0.9), champion=None)
    found = ruling(rule, doubtful)
    assert found.verdict == "warned"
    assert "nothing is in service" in found.sentence
    assert (
        ruling("popularity", a_case(evaluation=an_evaluation(0.1, popularity=0.2, best=-0.1), champion=None)).verdict
        == "rejected"
    )


def test_busiest_users_of_a_small_new_shop_may_have_a_quarter_of_its_events() -> None:
    first = a_case(a_run(Outcome.FAILED), data=some_data(busiest=0.25))
    assert ruling("busiest_users", first).verdict == "passed"


def test_new_products_and_users_are_nothing_forgotten() -> None:
    more = a_model(products=integer_ids([5, 10, 20, 30, 40, 50]), users=integer_ids([0, 1, 2, 3]))
    known = {1: {1: 1.0}, 2: {2: 2.0, 4: 0.3}, 3: dict.fromkeys(range(6), 1.0)}
    candidate = a_model(more.products, more.users, histories=known)
    assert ruling("forgotten", a_case(model=candidate)).measured == 0.0


def test_users_and_products_that_are_gone_are_forgotten() -> None:
    fewer = a_model(integer_ids([10, 20, 30]), integer_ids([3]), histories={0: {0: 1.0, 1: 1.0, 2: 1.0}}, neighbours={})
    assert ruling("forgotten", a_case(model=fewer)).measured == pytest.approx(5 / 8)


def test_overlap_counts_products_that_are_gone_as_lost() -> None:
    candidate = a_model(products=integer_ids([10, 20, 40, 50, 60]))
    found = ruling("overlap", a_case(model=candidate), threshold=0.0)
    assert found.measured == pytest.approx((1 / 2 + 1 + 0) / 3)  # 10 keeps 20 of 20 and 30, 20 keeps 10, 30 is gone


def test_report_names_every_rule_that_rejects() -> None:
    report = judge(a_case(data=some_data({"purchase": 10, "view": 3}, commonest=0.9)), {})
    assert not report.accepts
    assert report.reason.startswith("events: ")
    assert "times: 90.0%" in report.reason
    (row,) = [row for row in report.as_json() if row["rule"] == "times"]
    assert row == {
        "rule": "times",
        "action": "reject",
        "threshold": 0.5,
        "measured": 0.9,
        "verdict": "rejected",
        "sentence": "90.0% of the events bear the same second; 50% is allowed.",
    }
