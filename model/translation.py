"""From the positions of one set of ids to those of another: two models seldom have the same."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.ids import Ids, IntegerIds

UNKNOWN: Final = -1


def translated(idx: NDArray[np.int32], source: Ids, target: Ids) -> NDArray[np.int32]:
    """Give the positions in `target` of the ids at these positions of `source`, UNKNOWN where there is none.

    Any shape; what is UNKNOWN already stays so.
    """
    distinct, inverse = np.unique(idx, return_inverse=True)
    if isinstance(source, IntegerIds) and isinstance(target, IntegerIds):
        positions = _among_integers(distinct, source.values, target.values)
    else:
        found = [target.find(source.at(one)) if one != UNKNOWN else None for one in distinct.tolist()]
        positions = np.array([UNKNOWN if one is None else one for one in found], np.int32)
    return positions[inverse].reshape(idx.shape)


def _among_integers(idx: NDArray[np.int32], source: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.int32]:
    if not len(source) or not len(target):
        return np.full(len(idx), UNKNOWN, np.int32)
    ids = source[np.maximum(idx, 0)]
    places = np.minimum(np.searchsorted(target, ids), len(target) - 1)
    return np.where((target[places] == ids) & (idx != UNKNOWN), places, UNKNOWN).astype(np.int32)
