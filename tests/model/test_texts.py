"""Texts one behind the other: each is found by its place, whatever it holds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.texts import Texts, texts_from_arrays
from tests.model.random_models import TEXTS


@given(st.lists(TEXTS, max_size=20))
def test_each_text_is_at_its_place(texts: list[str]) -> None:
    held = texts_from_arrays("names", Texts.of(texts).arrays("names"))
    assert [held.at(idx) for idx in range(len(held))] == texts


def test_a_character_that_lies_across_two_looks_is_one_character() -> None:
    texts = ["x" * ((1 << 20) - 1), "🛒", "y" * (1 << 20)]
    held = texts_from_arrays("names", Texts.of(texts).arrays("names"))
    assert [held.at(idx) for idx in range(3)] == texts


def test_reading_copies_nothing() -> None:
    arrays = Texts.of(["a", "", "ü"]).arrays("names")
    held = texts_from_arrays("names", arrays)
    assert np.shares_memory(held.utf8, arrays["names.utf8"])
    assert np.shares_memory(held.offsets, arrays["names.offsets"])
