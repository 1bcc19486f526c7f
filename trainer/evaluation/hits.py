"""How much of what a user did next stands in the list.

T is the set of products that the user took up in the holdout and that neither side had seen them with; hits are the
list's products in T. Users with an empty T have no metric: they are left out and counted. Definitions as in Herlocker
et al., "Evaluating collaborative filtering recommender systems", ACM TOIS 22 (2004), cut at k.
"""

import numpy as np
from numpy.typing import NDArray

Hits = NDArray[np.bool_]
Sizes = NDArray[np.int64]
Values = NDArray[np.float64]


def recall(hits: Hits, truth_sizes: Sizes) -> Values:
    """Give recall@k = hits / |T| of each user, float64 (n_users,); `hits` bool (n_users, k), `truth_sizes` > 0."""
    values: Values = _counts(hits) / truth_sizes
    return values


def precision(hits: Hits) -> Values:
    """Give precision@k = hits / k of each user; k counts the places of a list, also those that stayed empty."""
    values: Values = np.divide(_counts(hits), hits.shape[1])
    return values


def hit_rate(hits: Hits) -> Values:
    """Give 1 for each user with a hit in the list, 0 for the others; the mean is hit_rate@k."""
    return np.asarray(hits.any(axis=1), np.float64)


def _counts(hits: Hits) -> Values:
    return np.asarray(hits.sum(axis=1), np.float64)
