"""A card tells all that is known of a version, and says what is not."""

from datetime import timedelta

import pytest

from plots.wording import UNKNOWN
from registry.history import Outcome, Run
from tests.builders import a_model, integer_ids, string_ids
from tests.trainer.card.pages import NOW, STEPS, VERSION, a_holdout, a_manifest, a_ruling, a_run, a_side, card, read
from trainer.card import render_card


def test_card_says_what_the_model_was_trained_on() -> None:
    text = card().text
    for told in (
        f"Model card {VERSION}",
        "Made 2025-01-05 02:00 UTC by the recipe cosine",
        "1,234,656 events",
        "3,210 users",
        "5 products",
        "8 interactions",
        "purchase 1,234,567 1",
        "view 89 0.3",
        "Newest event 2025-01-04 23:00 UTC",
        "Pairs of user and product without an interaction 98.8 %",
        "Products with a neighbour 60.0 %",
        "Events of the busiest 0.1 % of users 2.0 %",
        "MIN_CO_OCCURRENCE 5",
        "numpy 2.4.6",
        "model.safetensors 12.3 MB",
    ):
        assert told in text


def test_an_accepted_version_says_so_first() -> None:
    assert card().text_in("h2").startswith("Accepted: it breaks no rule.")


def test_warnings_are_told_with_their_sentences() -> None:
    text = card(a_manifest(gate=[a_ruling("times", "warned"), a_ruling("newest_event", "warned")])).text
    assert "Accepted, with a warning from the rules times and newest event." in text
    assert "newest event: What newest_event says." in text


def test_a_rejected_version_names_the_rules_and_their_reasons() -> None:
    text = card(a_manifest(accepted=False, gate=[a_ruling("champion"), a_ruling("users", "rejected")])).text
    assert "Rejected by the rule users. users: What users says." in text
    assert "champion: What champion says." not in text


def test_a_forced_version_names_who_forced_it_why_and_against_what() -> None:
    forced = {"by": "anna", "reason": "the sale is over."}
    text = card(a_manifest(accepted=False, forced=forced, gate=[a_ruling("users", "rejected")])).text
    assert "Forced by anna because: the sale is over. The gate would have kept it out: users: What users says." in text


def test_a_backfill_is_marked() -> None:
    assert "Backfill." not in card().text
    text = card(a_manifest(as_of=NOW - timedelta(days=2))).text
    assert "Backfill. It was trained on what was known at 2025-01-03 02:00 UTC, and on nothing later." in text


def test_each_ruling_is_a_row_of_the_gates_table() -> None:
    text = card(a_manifest(gate=[a_ruling(), a_ruling("overlap", "skipped", measured=None, threshold=1234.5)])).text
    assert "champion Passed 0.0123 0.05 reject What champion says." in text
    assert f"overlap Skipped {UNKNOWN} 1,234 reject What overlap says." in text


@pytest.mark.parametrize("verdict", ["passed", "warned", "rejected", "skipped"])
def test_a_verdict_is_told_by_a_word_and_not_by_colour_alone(verdict: str) -> None:
    assert (
        f"rule Verdict Measured Threshold Action In words x {verdict}".lower()
        in card(a_manifest(gate=[a_ruling("x", verdict)])).text.lower()
    )


def test_sides_and_their_paired_differences_stand_in_tables() -> None:
    text = card().text
    assert "NDCG 0.2345 0.2245 to 0.2445 0.2000 0.1900 to 0.2100 0.1000 0.0900 to 0.1100" in text
    assert "Coverage 75.0 % 70.0 % 1.0 %" in text
    assert "NDCG +0.0010 \N{MINUS SIGN}0.0010 to +0.0030 no clear difference +0.0500 +0.0400 to +0.0600 better" in text


def test_a_loss_and_no_difference_at_all_are_told_in_words() -> None:
    text = card(a_manifest(holdout=a_holdout(against_champion=a_side(0, 0), against_popularity=a_side(-0.05)))).text
    assert (
        "NDCG 0.0000 0.0000 to 0.0000 the same \N{MINUS SIGN}0.0500 \N{MINUS SIGN}0.0600 to \N{MINUS SIGN}0.0400 worse"
        in text
    )


def test_the_holdout_is_introduced() -> None:
    text = card().text
    assert "What 1,000 users took up after 2024-12-29 02:00 UTC" in text
    assert "drawn from 4,500" in text
    assert "Champion: as it is served." in text


def test_without_a_champion_there_is_no_column_for_it() -> None:
    holdout = a_holdout(champion=None, against_champion=None, champion_note="no model is in service")
    text = card(a_manifest(holdout=holdout)).text
    assert "Metric candidate popularity" in text
    assert "Metric against popularity" in text
    assert "Champion: no model is in service." in text


def test_plots_have_a_title_and_a_description_in_words() -> None:
    page = card(None, a_run(2), a_run(1))
    charts = [svg for svg in page.of("svg") if svg.get("role") == "img"]
    assert len(charts) == 9
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for chart in charts:
        assert set(chart["aria-labelledby"].split()) <= ids
    assert "3 versions, 2025-01-03 02:00 UTC to 2025-01-05 02:00 UTC. sparsity: from 98.0 % to 98.8 %." in page.text
    assert "extract 1.25 s, build 0.50 s." in page.text


def test_axes_are_labelled() -> None:
    text = card(None, a_run(1)).text
    for label in ("mean over the users", "share of the products", "share of the pairs", "similarity", "seconds"):
        assert label in text
    assert "version, by the day it was made (UTC)" in text
    assert "share of the events' weight" in text


def test_this_version_is_the_last_of_the_history() -> None:
    page = card(None, a_run(2), a_run(1, outcome=Outcome.REJECTED))
    assert "The last 3 versions that the history knows" in page.text
    first, second, third = (page.text.index(told) for told in ("this version", "rejected 0.2345", "promoted 0.2345"))
    assert first < second < third


def test_a_history_that_holds_this_run_already_counts_it_once() -> None:
    assert "The last 2 versions" in card(None, a_run(1), a_run(0, version=VERSION)).text


def test_runs_that_made_no_version_are_left_out() -> None:
    failed = Run(timestamp=NOW, outcome=Outcome.FAILED, duration_seconds=1.0)
    assert "This is the first version that the history knows." in card(None, failed).text


def test_only_the_newest_thirty_versions_are_shown() -> None:
    text = card(None, *(a_run(days) for days in range(60, 0, -1))).text
    assert "The last 30 versions" in text
    assert "2024-12-07 02:00 UTC" in text
    assert "2024-12-06 02:00 UTC" not in text


def test_old_runs_that_know_nothing_leave_gaps() -> None:
    old = Run(timestamp=NOW - timedelta(days=3), outcome=Outcome.PROMOTED, duration_seconds=1.0, version="old")
    odd = a_run(2, holdout={"candidate": {"ndcg": {"mean": "high"}}, "popularity": None}, data={})
    unknown = " ".join([UNKNOWN] * 9)
    assert f"2025-01-02 02:00 UTC old promoted {unknown}" in card(None, old, odd).text


def test_examples_show_the_nearest_neighbours_of_popular_products() -> None:
    products = string_ids([f"p{number}" for number in range(7)])
    near = {0: {item: 1 - item / 10 for item in range(1, 6)}}
    assert "p0 p1 0.900 p2 0.800 p3 0.700 p4 0.600 p5 0.500" in card(model=a_model(products, neighbours=near)).text


def test_what_is_unknown_is_said_in_sentences() -> None:
    bare = a_manifest(
        holdout=None, gate=[], data={}, events={}, event_weights={}, metrics={}, libraries={}, settings={}, files={},
        data_until=None,
    )  # fmt: skip
    empty = a_model(integer_ids([10]), neighbours={0: {}}, histories={0: {0: 1.0}}, popularity=[1.0])
    page = read(render_card(bare, empty, [], None, {}))
    for told in (
        "This version was not evaluated on a holdout",
        "No gate judged this version.",
        "The model holds no neighbours",
        "No product has five neighbours",
        "The recipe was not tried on a holdout",
        "No version was evaluated on a holdout",
        "No version of the history knows this figure.",
        "The run did not say how long its steps took.",
        "from events of unknown time",
    ):
        assert told in page.text
    assert [svg for svg in page.of("svg") if svg.get("role") == "img"] == []


def test_the_time_until_the_card_is_added_up() -> None:
    assert sum(STEPS.values()) == 1.75
    assert "1.75 s until this card was written" in card().text
