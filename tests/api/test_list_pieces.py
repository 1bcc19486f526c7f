import json
import sys

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import list_pieces
from api.list_pieces import ProductPieces, number
from model.answers import Answer, Source
from tests.builders import integer_ids, string_ids


@given(st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_a_score_is_written_as_orjson_writes_its_seven_digits(score: float) -> None:
    assert number(score) == orjson.dumps(float(f"{score:.7g}")).decode()


@pytest.mark.parametrize(
    ("score", "written"), [(0.9, "0.9"), (1, "1.0"), (0, "0.0"), (1e-9, "1e-9"), (2.5e7, "25000000.0")]
)
def test_a_score_has_no_digits_that_a_float32_never_had(score: float, written: str) -> None:
    assert number(float(np.float32(score))) == written


def test_any_id_is_written_as_json() -> None:
    ids = ['"', "\\", "é\u2028", "\n", "a/b"]
    products = string_ids(ids)
    pieces = ProductPieces(len(products), products.at)
    for _ in ("written", "kept"):
        found = json.loads(f"[{pieces.listed(list(range(5)), [0.5] * 5, Source.SIMILAR)}]")
        assert [one["product_id"] for one in found] == [products.at(idx) for idx in range(5)]


def test_what_a_product_is_said_to_be_is_told() -> None:
    written = ProductPieces(1, integer_ids([7]).at).answered(Answer(0, 0.25, Source.POPULAR, seen=True, borrowed=True))
    told = {"product_id": "7", "score": 0.25, "source": "popular", "seen": True, "borrowed": True}
    assert written + "}" == orjson.dumps(told).decode()


def test_no_more_is_kept_than_a_worker_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_pieces, "_MOST_KEPT_BYTES", 1000)
    pieces = ProductPieces(500, integer_ids(list(range(500))).at)
    written = json.loads(f"[{pieces.listed(list(range(500)), [0.5] * 500, Source.SIMILAR)}]")
    assert [one["product_id"] for one in written] == [str(idx) for idx in range(500)]
    assert 0 < sum(sys.getsizeof(piece) for piece in pieces._kept if piece) < 1100
