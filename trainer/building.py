"""Making a model of events: the matrix, and all that is made of it."""

import logging
from typing import TYPE_CHECKING

from model.histories import Histories
from model.ids import Ids
from model.model import Model
from model.neighbours import Neighbours
from trainer.events import Events
from trainer.model_trainer import ModelTrainer

if TYPE_CHECKING:
    import numpy as np
    import scipy.sparse as sp
    from numpy.typing import NDArray

    from trainer.kinds import ByKind
    from trainer.settings import TrainerSettings

log = logging.getLogger(__name__)


def matrix_of(events: Events, settings: "TrainerSettings") -> "sp.csr_matrix":
    """Give user_items, CSR float32 (n_users, n_products)."""
    from trainer.signal import user_items_of  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)
    from trainer.similarity.guard import tell_busy_users  # noqa: PLC0415

    log.info("Building interaction matrix...")
    user_items = user_items_of(events, settings, threads=settings.threads)
    n_users, n_products = user_items.shape
    sparsity = 1 - user_items.nnz / (n_users * n_products)
    log.info("Matrix shape: %s (users x products)", (n_users, n_products), extra={"n_interactions": user_items.nnz})
    log.info("Sparsity: %.2f%%", 100 * sparsity, extra={"sparsity": sparsity})
    tell_busy_users(user_items, settings.max_user_products)
    return user_items


def kinds_of(events: Events, settings: "TrainerSettings") -> "ByKind | None":
    """Give the events by kind, None where kinds are together."""
    from trainer.kinds import by_kind  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)

    return by_kind(events, settings)


def model_of(
    trainer: ModelTrainer,
    products: Ids,
    users: Ids,
    user_items: "sp.csr_matrix",
    affinity: "NDArray[np.float32] | None" = None,
    kinds: "ByKind | None" = None,
) -> Model:
    """Make the neighbours, and put them together with what the matrix holds, and what users come back for."""
    from trainer.buy_again import with_again  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)
    from trainer.kinds import neighbours_of  # noqa: PLC0415

    log.info("Calculating similarity matrix...")
    log.info("Applying co-occurrence filter (threshold: %d)...", trainer.settings.min_co_occurrence)
    neighbours = neighbours_of(trainer, user_items, kinds)
    density = neighbours.density
    log.info("Similarity density: %.2f%%", 100 * density, extra={"n_pairs": neighbours.n_pairs, "density": density})
    model = assembled(products, users, user_items, neighbours)
    return with_again(model, affinity, trainer.settings.buy_again_strength)


def assembled(products: Ids, users: Ids, user_items: "sp.csr_matrix", neighbours: Neighbours) -> Model:
    """Put neighbours and matrix together."""
    from trainer.matrix import item_popularity  # noqa: PLC0415

    histories = Histories(user_items.indptr.astype("int64", copy=False), user_items.indices, user_items.data)
    return Model(products, users, neighbours, histories, item_popularity(user_items))
