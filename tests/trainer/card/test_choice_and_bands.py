"""How the card tells what was tried, and for whom it works."""

from typing import Any

from tests.trainer.card.pages import a_holdout, a_manifest, card


def a_choice(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 (parts of a choice)
    weights = {"purchase": 1.0, "view": 0.1}
    simple: dict[str, Any] = {"recipe": "cosine", "repeats": "sum", "half_life_days": None, "ndcg": 0.21}
    simple["event_weights"] = {"purchase": 1.0, "view": 0.3}
    simple["kinds"] = "together"
    ridge = {**simple, "recipe": "local_ridge", "ridge": 30.0, "half_life_days": 45.0, "repeats": "log", "ndcg": 0.25}
    ridge |= {"event_weights": weights, "kinds": "paths"}
    gains = ({"mean": 0.0, "low": 0.0, "high": 0.0}, {"mean": -0.04, "low": -0.05, "high": -0.03})
    tried = [
        {**ridge, "against_chosen": gains[0], "is_chosen": True, "is_configured": False},
        {**simple, "against_chosen": gains[1], "is_chosen": False, "is_configured": True},
    ]
    told = {
        "chosen": ridge,
        "configured": simple,
        "k": 10,
        "cut": "2025-01-01T00:00:00+00:00",
        "n_users": 4_321,
        "popularity_ndcg": 0.1,
        "tried": tried,
        "rounds": [simple, {**simple, "recipe": "jaccard"}],
        "notes": [],
    }
    return {**told, **fields}


def test_variants_stand_in_a_table_with_the_one_that_was_taken() -> None:
    text = card(a_manifest(choice=a_choice())).text
    assert "How the recipe was chosen" in text
    assert "local ridge (chosen)" in text
    assert "cosine (configured)" in text
    assert "paths to purchases" in text
    assert "by half in 45 days" in text
    assert "4,321 users newly took up after 2025-01-01 00:00 UTC" in text
    assert "\N{MINUS SIGN}0.0400" in text
    assert "worse" in text


def test_weights_that_were_tuned_are_told_next_to_those_that_are_configured() -> None:
    assert "A view weighs 0.1, not the 0.3 that is configured." in card(a_manifest(choice=a_choice())).text
    simple = a_choice()["configured"]
    assert "configured." not in card(a_manifest(choice=a_choice(chosen=simple))).text


def test_choices_of_before_kinds_and_configured_weights_were_told_are_shown() -> None:
    old = a_choice()
    for variant in (*old["tried"], *old["rounds"]):
        for name in ("kinds", "is_configured"):
            variant.pop(name, None)
    text = card(a_manifest(choice={name: part for name, part in old.items() if name != "configured"})).text
    assert "local ridge (chosen)" in text
    assert "that is configured" not in text


def test_notes_are_told() -> None:
    note = "MIN_CO_OCCURRENCE=2 would do better than 5: by 4.0% of ndcg (1.0% to 7.0%), with cosine"
    assert note in card(a_manifest(choice=a_choice(notes=[note]))).text


def test_a_part_that_was_drawn_by_chance_is_called_that() -> None:
    assert "drawn by chance" in card(a_manifest(choice=a_choice(cut=None))).text


def test_what_coming_back_weighs_stands_in_a_table_of_its_own() -> None:
    tried: list[dict[str, Any]] = [
        {"strength": 1.0, "half_life_days": 84.0, "ndcg": 0.4224},
        {"strength": 0.3, "half_life_days": None, "ndcg": 0.4},
    ]
    weighed = {**tried[0], "n_users": 2_009, "buy_again_ndcg": 0.397, "popularity_ndcg": 0.181, "tried": tried}
    text = card(a_manifest(choice=a_choice(buy_again=weighed))).text
    for told in ("all that 2,009 users took up", "reaches 0.3970 alone", "1 (chosen)", "by half in 84 days", "0.4224"):
        assert told in text, told
    assert "What coming back weighs" not in card(a_manifest(choice=a_choice(buy_again=None))).text


def test_a_recipe_that_was_set_has_no_table() -> None:
    assert "How the recipe was chosen" not in card(a_manifest(choice=None)).text


def test_bands_stand_next_to_each_other() -> None:
    band = {"name": "1 to 4 products", "n": 1_234, "candidate": 0.25, "popularity": 0.125, "champion": None}
    taken = {"name": "least popular", "n": 77, "candidate": 0.0625, "popularity": 0.0, "champion": None}
    text = card(a_manifest(holdout=a_holdout(bands={"activity": [band], "popularity": [taken]}))).text
    for told in (
        "NDCG@10 of users by how much they had before",
        "1 to 4 products",
        "1,234",
        "0.2500",
        "least popular",
        "6.2 %",
    ):
        assert told in text, told


def test_what_users_come_back_for_has_a_column_and_a_band() -> None:
    side = {name: {"mean": 0.4, "low": 0.3, "high": 0.5} for name in ("ndcg", "recall", "precision", "hit_rate")}
    band = {"name": "products they had before", "n": 9, "candidate": 0.25, "popularity": 0.1, "buy_again": 0.2}
    told = a_holdout(
        buy_again={**side, "coverage": 0.1, "concentration": 0.9}, against_buy_again=side, repeat_share=0.49
    )
    text = card(a_manifest(holdout={**told, "bands": {"novelty": [band]}})).text
    for part in ("against buy again", "products they had before", "49.0 % was what they had had before, which counts"):
        assert part in text, part


def test_versions_that_tell_no_bands_have_no_such_table() -> None:
    without: list[Any] = [None, [], {"activity": None}, {"activity": [3], "popularity": "x"}]
    for bands in without:
        assert "of users by how much" not in card(a_manifest(holdout=a_holdout(bands=bands))).text
