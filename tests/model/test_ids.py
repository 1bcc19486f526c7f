"""External ids: find and at are each other's inverse, whatever a shop's ids are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ids import Ids, IntegerIds, StringIds, ids_from_arrays
from tests.builders import integer_ids, string_ids
from tests.model import random_models as random

ANY_IDS = st.integers(0, 12).flatmap(random.some_ids)


@given(ANY_IDS)
def test_find_gives_back_the_idx_of_every_id(ids: Ids) -> None:
    assert [ids.find(ids.at(idx)) for idx in range(len(ids))] == list(range(len(ids)))


@given(ANY_IDS, random.TEXTS)
def test_find_gives_an_idx_only_for_what_is_there(ids: Ids, text: str) -> None:
    idx = ids.find(text)
    assert idx is None or ids.at(idx) == text
    assert (idx is None) == (text not in [ids.at(number) for number in range(len(ids))])


@given(st.sets(random.INTEGERS), random.INTEGERS)
def test_integers_are_found_by_their_decimal_form(values: set[int], other: int) -> None:
    ids = IntegerIds(np.array(sorted(values), np.int64))
    assert [ids.find(str(value)) for value in sorted(values)] == list(range(len(values)))
    assert (ids.find(str(other)) is None) == (other not in values)


@given(st.sets(random.TEXTS))
def test_strings_stand_in_the_order_of_their_bytes(texts: set[str]) -> None:
    ids = StringIds.of(random.in_utf8_order(texts))
    assert [ids.at(idx) for idx in range(len(ids))] == random.in_utf8_order(texts)


@given(ANY_IDS)
def test_ids_are_the_same_after_a_model_file(ids: Ids) -> None:
    read = ids_from_arrays("ids", ids.arrays("ids"))
    assert type(read) is type(ids)
    assert [read.at(idx) for idx in range(len(read))] == [ids.at(idx) for idx in range(len(ids))]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "017",
        "+17",
        " 17",
        "17 ",
        "1_7",
        "17.0",
        "1e1",
        "-0",
        "\uff10",
        "\u0661\u0667",
        "0x11",
        "None",
        "nan",
        "\0",
        "17\n",
    ],
)
def test_only_the_canonical_decimal_names_an_integer(text: str) -> None:
    assert integer_ids([-17, 0, 1, 17]).find(text) is None


@pytest.mark.parametrize("text", ["9" * 20, "-" + "9" * 19, str(2**63), str(-(2**63) - 1), "9" * 100_000])
def test_integer_beyond_64_bits_names_nothing(text: str) -> None:
    assert integer_ids([-(2**63), 2**63 - 1]).find(text) is None


def test_text_that_no_encoding_holds_names_nothing() -> None:
    assert string_ids(["a", "ü"]).find("\ud800") is None
    assert integer_ids([1]).find("\ud800") is None


def test_empty_string_is_an_id_like_any_other() -> None:
    assert string_ids(["", "a"]).find("") == 0
    assert string_ids(["a"]).find("") is None
