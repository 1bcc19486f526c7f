"""The metrics of a holdout, in the order in which they are shown."""

from typing import Final

METRICS: Final = ("ndcg", "recall", "precision", "hit_rate")
METRIC_NAMES: Final = {
    "ndcg": "NDCG",
    "recall": "Recall",
    "precision": "Precision",
    "hit_rate": "Hit rate",
}
