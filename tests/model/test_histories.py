from pathlib import Path

import numpy as np

from model.histories import Histories

BEYOND = 2**31 + 5


def test_users_beyond_the_interaction_that_32_bits_count_have_their_own(tmp_path: Path) -> None:
    indices = np.memmap(tmp_path / "indices", np.int32, "w+", shape=(BEYOND,))
    weights = np.memmap(tmp_path / "weights", np.float32, "w+", shape=(BEYOND,))
    indices[-5:], weights[-5:] = range(5), range(1, 6)
    histories = Histories(np.array([0, BEYOND - 5, BEYOND - 2, BEYOND], np.int64), indices, weights)
    assert histories.n_interactions == BEYOND
    assert [column.tolist() for column in histories.of(2)] == [[3, 4], [4.0, 5.0]]
    assert histories.alone(1).indices.tolist() == [0, 1, 2]
    both = histories.of_users(np.array([2, 1], np.int32))
    assert (both.indptr.tolist(), both.indices.tolist()) == ([0, 2, 5], [3, 4, 0, 1, 2])
