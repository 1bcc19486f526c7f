"""The model file: safetensors, arrays only, so that reading one runs no code and costs no copy.

A file is read by mapping it into memory. Every claim it makes is checked before an array is used: a file that was cut
short, altered, or made for another catalogue is refused with a DamagedModelError.
"""

import json
import mmap
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from model.catalogue import catalogue_arrays
from model.catalogue_reading import catalogue_from_arrays
from model.companions import Companions
from model.errors import DamagedModelError
from model.file_arrays import Arrays, check_numbers, column
from model.histories import Histories
from model.ids import ids_from_arrays
from model.model import Model
from model.neighbours import Neighbours

# One entry only: safetensors writes several in no fixed order, and equal models must be equal bytes.
_FORMAT: Final = {"format": "recommender-model/1"}
_DTYPES: Final = {"I64": np.int64, "I32": np.int32, "F32": np.float32, "U8": np.uint8}
_HEADER_SIZE_BYTES: Final = 8
_ROWS_AT_ONCE: Final = 1 << 14
_AGAIN: Final = "histories.again"
_COMPANION_PARTS: Final = ("indptr", "indices", "shoppers")


def write_model(model: Model, path: Path) -> None:
    """Write a model file; equal models give equal bytes."""
    arrays = {name: np.ascontiguousarray(array) for name, array in model_arrays(model).items()}
    save_file(arrays, path, metadata=_FORMAT)


def model_arrays(model: Model) -> Arrays:
    """Give all arrays of a model by their names in its file, without a copy."""
    return {
        **model.products.arrays("product_ids"),
        **model.users.arrays("user_ids"),
        **_neighbour_arrays("neighbours", model.neighbours),
        "histories.indptr": model.histories.indptr,
        "histories.indices": model.histories.indices,
        "histories.weights": model.histories.weights,
        **({} if model.histories.again is None else {_AGAIN: model.histories.again}),
        "popularity": model.popularity,
        **_companion_arrays("substitutes", model.substitutes),
        **_companion_arrays("complements", model.complements),
        **catalogue_arrays(model.catalogue),
        **({} if model.borrowed is None else _neighbour_arrays("borrowed", model.borrowed)),
    }


def _neighbour_arrays(name: str, neighbours: Neighbours) -> Arrays:
    parts = ("indptr", "indices", "scores")
    return {f"{name}.{part}": getattr(neighbours, part) for part in parts}


def _companion_arrays(name: str, companions: Companions | None) -> Arrays:
    if companions is None:
        return {}
    return {f"{name}.{part}": getattr(companions, part) for part in _COMPANION_PARTS}


def read_model(path: Path) -> Model:
    """Map a model file into memory and check it.

    Raises DamagedModelError, naming the array and what is wrong with it; OSError where the file cannot be read at all.
    """
    arrays = _map_arrays(path)
    products, users = ids_from_arrays("product_ids", arrays), ids_from_arrays("user_ids", arrays)
    neighbours = Neighbours(*_rows(arrays, "neighbours", "scores", n_rows=len(products), n_items=len(products)))
    _check_others_only("neighbours", neighbours.indptr, neighbours.indices)
    histories = _histories(arrays, n_users=len(users), n_items=len(products))
    popularity = column(arrays, "popularity", np.float32)
    if len(popularity) != len(products):
        raise DamagedModelError(f"popularity has {len(popularity)} values for {len(products)} products")
    check_numbers("popularity", popularity)
    return Model(
        products,
        users,
        neighbours,
        histories,
        popularity,
        substitutes=_companions(arrays, "substitutes", n_items=len(products)),
        complements=_companions(arrays, "complements", n_items=len(products)),
        catalogue=catalogue_from_arrays(arrays, products),
        borrowed=_borrowed(arrays, n_items=len(products)),
    )


def _histories(arrays: Arrays, *, n_users: int, n_items: int) -> Histories:
    histories = Histories(*_rows(arrays, "histories", "weights", n_rows=n_users, n_items=n_items))
    if _AGAIN not in arrays:
        return histories
    again = column(arrays, _AGAIN, np.float32)
    if len(again) != histories.n_interactions:
        raise DamagedModelError(f"{_AGAIN} has {len(again)} values for {histories.n_interactions} interactions")
    check_numbers(_AGAIN, again)
    return replace(histories, again=again)


def _borrowed(arrays: Arrays, *, n_items: int) -> Neighbours | None:
    if not any(name.startswith("borrowed.") for name in arrays):
        return None
    borrowed = Neighbours(*_rows(arrays, "borrowed", "scores", n_rows=n_items, n_items=n_items))
    _check_others_only("borrowed", borrowed.indptr, borrowed.indices)
    return borrowed


def _companions(arrays: Arrays, name: str, *, n_items: int) -> Companions | None:
    """Take a product's companions out of the arrays, None where the model has none."""
    if not any(f"{name}.{part}" in arrays for part in _COMPANION_PARTS):
        return None
    indptr, indices = _row_indices(arrays, name, n_rows=n_items, n_items=n_items)
    shoppers = column(arrays, f"{name}.shoppers", np.int32)
    if len(shoppers) != len(indices):
        raise DamagedModelError(f"{name}.shoppers has {len(shoppers)} values for {len(indices)} pairs")
    if len(shoppers) and shoppers.min() < 1:
        raise DamagedModelError(f"{name}.shoppers holds {shoppers.min()}, it must be at least 1")
    _check_others_only(name, indptr, indices)
    return Companions(indptr, indices, shoppers)


def _map_arrays(path: Path) -> Arrays:
    if not path.is_file():
        raise DamagedModelError("not a safetensors file: there is no file")
    try:
        with safe_open(path, framework="numpy") as opened:
            metadata = opened.metadata()
    except (SafetensorError, UnicodeDecodeError) as error:
        raise DamagedModelError(f"not a safetensors file: {error}") from None
    if metadata != _FORMAT:
        raise DamagedModelError(f"the file is of format {metadata}, this program reads {_FORMAT}")
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    # safetensors has checked the header: entries are well-formed, do not overlap, and fill the file exactly.
    data_start = _HEADER_SIZE_BYTES + int.from_bytes(mapped[:_HEADER_SIZE_BYTES], "little")
    header = json.loads(mapped[_HEADER_SIZE_BYTES:data_start])
    return {name: _view(mapped, data_start, name, entry) for name, entry in header.items() if name != "__metadata__"}


def _view(mapped: mmap.mmap, data_start: int, name: str, entry: dict[str, object]) -> NDArray[np.generic]:
    dtype = _DTYPES.get(str(entry["dtype"]))
    shape, offsets = entry["shape"], entry["data_offsets"]
    if dtype is None or not isinstance(shape, list) or len(shape) != 1 or not isinstance(offsets, list):
        raise DamagedModelError(f"{name} is {entry['dtype']} of shape {shape}: not an array of this format")
    return np.frombuffer(mapped, dtype=dtype, count=shape[0], offset=data_start + offsets[0])


def _rows(
    arrays: Arrays, name: str, values_name: str, *, n_rows: int, n_items: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Take a CSR triple out of the arrays; its values must be finite, its indices below n_items."""
    indptr, indices = _row_indices(arrays, name, n_rows=n_rows, n_items=n_items)
    values = column(arrays, f"{name}.{values_name}", np.float32)
    if len(indices) != len(values):
        raise DamagedModelError(f"{name}.indptr does not cut up {len(indices)} indices and {len(values)} values")
    check_numbers(f"{name}.{values_name}", values)
    return indptr, indices, values


def _row_indices(
    arrays: Arrays, name: str, *, n_rows: int, n_items: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Take the rows of a CSR out of the arrays; its indices must be below n_items."""
    indptr = column(arrays, f"{name}.indptr", np.int64)
    indices = column(arrays, f"{name}.indices", np.int32)
    if len(indptr) != n_rows + 1:
        raise DamagedModelError(f"{name}.indptr has {len(indptr)} values for {n_rows} rows")
    if indptr[0] != 0 or indptr[-1] != len(indices) or np.any(indptr[1:] < indptr[:-1]):
        raise DamagedModelError(f"{name}.indptr does not cut up {len(indices)} indices")
    if len(indices) > n_rows * n_items:
        raise DamagedModelError(f"{name}.indices has {len(indices)} values for {n_rows} rows of {n_items} products")
    if len(indices) and (indices.min() < 0 or indices.max() >= n_items):
        raise DamagedModelError(f"{name}.indices points outside the {n_items} products")
    return indptr, indices


def _check_others_only(name: str, indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> None:
    """No product may be its own neighbour; a block of rows at a time, so that this takes no memory to speak of."""
    for first in range(0, len(indptr) - 1, _ROWS_AT_ONCE):
        starts = indptr[first : first + _ROWS_AT_ONCE + 1]
        owners = np.repeat(np.arange(first, first + len(starts) - 1, dtype=np.int32), np.diff(starts))
        if np.any(indices[starts[0] : starts[-1]] == owners):
            raise DamagedModelError(f"{name}.indices holds a product that is its own neighbour")
