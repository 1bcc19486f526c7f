"""What the shop's events say of the model in service: how much of what came since it does not know."""

from dataclasses import dataclass

import numpy as np

from model.translation import UNKNOWN, translated
from trainer.champion import Champion
from trainer.events import Events


@dataclass(frozen=True)
class News:
    """The events that are newer than the champion's, and how many of them are on products that it does not know."""

    n_events: int = 0
    n_unknown: int = 0

    @property
    def figures(self) -> dict[str, float]:
        """What a manifest and the history hold of it; nothing where there was no news."""
        if not self.n_events:
            return {}
        share = round(self.n_unknown / self.n_events, 6)
        return {"events_since_champion": self.n_events, "unknown_products_share": share}


def news_since(champion: Champion | None, events: Events) -> News:
    """Look at the events that are newer than the newest that the champion knows."""
    if champion is None or champion.manifest.data_until is None:
        return News()
    late = np.flatnonzero(events.occurred_at > int(champion.manifest.data_until.timestamp()))
    items, counts = np.unique(events.item_idx[late], return_counts=True)
    is_unknown = translated(items, events.products, champion.model.products) == UNKNOWN
    return News(len(late), int(counts[is_unknown].sum()))
