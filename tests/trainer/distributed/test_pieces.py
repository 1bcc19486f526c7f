"""Pieces hold the events that were put into them, with ids that take little room."""

from typing import Any

import pyarrow as pa
import pytest

from trainer.distributed.pieces import PIECE_BATCHES, pieces_of


def events_of(users: list[Any], products: list[Any] | None = None) -> pa.RecordBatch:
    n = len(users)
    return pa.RecordBatch.from_pydict(
        {
            "user_id": pa.array(users),
            "product_id": pa.array(products or [1] * n),
            "occurred_at": pa.array(range(n), pa.uint32()),
            "weight": pa.array([0.5] * n, pa.float32()),
        }
    )


def rows(batches: list[pa.RecordBatch]) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.to_pylist()]


@pytest.mark.parametrize("n", [0, 1, PIECE_BATCHES, PIECE_BATCHES + 1, 3 * PIECE_BATCHES])
def test_pieces_give_all_events_in_order(n: int) -> None:
    batches = [events_of([number, -number]) for number in range(n)]
    pieces = list(pieces_of(iter(batches)))
    assert rows(pieces) == rows(batches)
    assert len(pieces) == -(-n // PIECE_BATCHES)


def test_integers_take_four_bytes_where_these_are_enough() -> None:
    (small,) = pieces_of(iter([events_of([2**31 - 1, -(2**31)], [7, 8])]))
    assert [small.schema.field(name).type for name in ("user_id", "product_id")] == [pa.int32(), pa.int32()]
    (large,) = pieces_of(iter([events_of([2**31, 5], [7, 8]), events_of([6, 7])]))
    assert [large.schema.field(name).type for name in ("user_id", "product_id")] == [pa.int64(), pa.int32()]
    assert large.column("user_id").to_pylist() == [2**31, 5, 6, 7]


def test_text_is_named_once_a_piece() -> None:
    (piece,) = pieces_of(iter([events_of(["a", "ü"]), events_of(["ü", "a"]), events_of(["", "a"])]))
    assert len(piece.column("user_id").dictionary) == 3
    assert piece.column("user_id").to_pylist() == ["a", "ü", "ü", "a", "", "a"]


def test_ids_that_become_text_begin_a_new_piece_and_empty_batches_none() -> None:
    batches = [events_of([1, 2]), events_of([]), events_of([3]), events_of(["x"]), events_of([4])]
    pieces = list(pieces_of(iter(batches)))
    assert [piece.num_rows for piece in pieces] == [3, 1, 1]
    assert rows(pieces) == rows(batches)
