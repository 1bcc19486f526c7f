"""What a row weighs: what its kind does, times its own weight and what its quantity counts, where it has them."""

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from runtime.errors import BadDataError
from trainer.reading.queries import QUANTITY_COLUMN, WEIGHT_COLUMN, EventQuery

Floats = NDArray[np.float64]
# Far beyond any sense, and far below where sums of float32 overflow.
_LARGEST_QUANTITY: Final = 1e9


def row_weights(batch: pa.RecordBatch, query: EventQuery) -> NDArray[np.float32]:
    """Give what each row weighs, float32 (n_rows,).

    A quantity q above 0 counts q times (`sum`), or 1 + ln q times and once below 1 (`log`). Raises BadDataError where
    a weight is no number of at least 0, or a quantity no number.
    """
    asking = f"the {query.kind} query"
    weights = np.full(len(batch), query.weight, np.float32)
    if WEIGHT_COLUMN in batch.schema.names:
        weights *= _own_weights(batch, asking)
    if QUANTITY_COLUMN in batch.schema.names:
        counted = quantities(batch, asking)
        weights *= (counted if query.quantity == "sum" else 1 + np.log(np.maximum(counted, 1))).astype(np.float32)
    return weights


def quantities(batch: pa.RecordBatch, asking: str) -> Floats:
    """Give the quantity of each row, float64 (n_rows,), 1 where there is none.

    Raises BadDataError where one is no number, or beyond any sense.
    """
    values = _numbers(batch, QUANTITY_COLUMN, asking)
    values = np.where(batch.column(QUANTITY_COLUMN).is_null().to_numpy(zero_copy_only=False), 1.0, values)
    wrong = ~(np.abs(values) <= _LARGEST_QUANTITY)
    if wrong.any():
        raise BadDataError(
            f"{asking}: the column quantity holds {values[wrong][0]} in {wrong.sum():,} rows",
            hint=f"A quantity must be a number of at most {_LARGEST_QUANTITY:,.0f}: mend it in the query",
        )
    return values


def _own_weights(batch: pa.RecordBatch, asking: str) -> NDArray[np.float32]:
    weights = _numbers(batch, WEIGHT_COLUMN, asking).astype(np.float32)
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    if wrong.any():
        raise BadDataError(
            f"{asking}: the column weight holds {weights[wrong][0]} in {wrong.sum():,} rows",
            hint="A weight must be a number of at least 0: mend it in the query",
        )
    return weights


def _numbers(batch: pa.RecordBatch, name: str, asking: str) -> Floats:
    try:
        numbers: Floats = batch.column(name).cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadDataError(f"{asking}: the column {name} is not a number ({error})") from None
    return numbers
