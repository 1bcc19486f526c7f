"""The arrays of a model file by name, and the checks that those of every kind share."""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.errors import DamagedModelError

Arrays = dict[str, NDArray[np.generic]]
# No shop's scores, weights or prices come near, and what a history adds up of products of two of them is finite in
# float32.
LARGEST_NUMBER: Final = 1e15

T = TypeVar("T", bound=np.generic)


def column(arrays: Arrays, name: str, dtype: type[T]) -> NDArray[T]:
    """Give the array of a name. Raises DamagedModelError where it is missing or of another type."""
    array = arrays.get(name)
    if array is None or array.dtype != dtype:
        found = "missing" if array is None else str(array.dtype)
        raise DamagedModelError(f"{name} is {found}, it must be {np.dtype(dtype)}")
    return array.astype(dtype, copy=False)


def check_numbers(name: str, values: NDArray[np.float32]) -> None:
    """Raise DamagedModelError where a number is not finite, or beyond LARGEST_NUMBER."""
    if not np.isfinite(values.sum(dtype=np.float64)):  # without an array of all answers
        raise DamagedModelError(f"{name} holds a number that is not finite")
    if len(values) and max(values.max(), -values.min()) > LARGEST_NUMBER:
        raise DamagedModelError(f"{name} holds a number beyond {LARGEST_NUMBER:g}")
