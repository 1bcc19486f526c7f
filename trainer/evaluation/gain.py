"""How high up in the list the hits stand."""

import numpy as np

from trainer.evaluation.hits import Hits, Sizes, Values


def ndcg(hits: Hits, truth_sizes: Sizes) -> Values:
    """Give ndcg@k of each user, float64 (n_users,), by binary gain.

    dcg = sum over hits at place p = 1, 2, … of 1 / log2(p + 1); the ideal has its hits on the first min(|T|, k) places.
    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20 (2002).
    """
    discounts = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.cumsum(discounts)[np.minimum(truth_sizes, hits.shape[1]) - 1]
    gains = np.where(hits, discounts, 0.0).sum(axis=1)
    values: Values = gains / ideal
    return values
