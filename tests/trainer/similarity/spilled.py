"""Blocks on disk, and neighbours as bytes."""

import tempfile
from pathlib import Path

from model.neighbours import Neighbours
from trainer.arrays.scratch import OnDisk
from trainer.similarity import layout


def blocks_of(n_interactions: int) -> OnDisk:
    """Have blocks of so many interactions, on disk."""
    return OnDisk(Path(tempfile.gettempdir()), n_interactions * layout.BYTES_AN_INTERACTION)


def bytes_of(neighbours: Neighbours) -> bytes:
    return b"".join(array.tobytes() for array in (neighbours.indptr, neighbours.indices, neighbours.scores))
