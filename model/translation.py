"""From the positions of one set of ids to those of another: two models seldom have the same."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.ids import Ids

UNKNOWN: Final = -1


def translated(idx: NDArray[np.int32], source: Ids, target: Ids) -> NDArray[np.int32]:
    """Give the positions in `target` of the ids at these positions of `source`, UNKNOWN where there is none.

    Any shape; what is UNKNOWN already stays so.
    """
    distinct, inverse = np.unique(idx, return_inverse=True)
    found = [target.find(source.at(one)) if one != UNKNOWN else None for one in distinct.tolist()]
    positions = np.array([UNKNOWN if one is None else one for one in found], np.int32)
    return positions[inverse].reshape(idx.shape)
