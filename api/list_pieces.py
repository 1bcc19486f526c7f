"""Pieces that the JSON of lists is put together from: what a model says of a product is written once.

A list is mostly text that was there before. Making it of dictionaries takes several times as long.
"""

from collections.abc import Callable, Iterable
from typing import Final

import orjson

from model.answers import Answer, Source

# Of usual ids this is fifty thousand, those that were listed first; the others are written each time.
_MOST_KEPT_BYTES: Final = 4_000_000
# What Python needs for a text beside its characters.
_TEXT_BYTES: Final = 49
_ENDS: Final = {
    (source, seen, borrowed): f',"source":"{source}","seen":{str(seen).lower()},"borrowed":{str(borrowed).lower()}'
    for source in Source
    for seen in (False, True)
    for borrowed in (False, True)
}


class ProductPieces:
    """How the JSON of each product of one model begins, up to its score; written when it is first asked for."""

    def __init__(self, n_products: int, id_of: Callable[[int], str]) -> None:
        self._id_of = id_of
        self._kept: list[str | None] = [None] * n_products
        self._kept_bytes = 0

    def listed(self, items: list[int], scores: list[float], source: Source) -> str:
        """Write new products that all came from one source, as the members of an array."""
        if not items:
            return ""
        kept, end = self._kept, _ENDS[source, False, False] + "}"
        pairs = zip(items, _numbers(scores), strict=True)
        return f"{end},".join([f"{kept[item] or self._piece(item)}{score}" for item, score in pairs]) + end

    def answered(self, answer: Answer) -> str:
        """Write one product without the bracket at its end, before which more may be said of it."""
        begin = self._kept[answer.item_idx] or self._piece(answer.item_idx)
        return f"{begin}{number(answer.score)}{_ENDS[answer.source, answer.seen, answer.borrowed]}"

    def _piece(self, item_idx: int) -> str:
        piece = f'{{"product_id":{orjson.dumps(self._id_of(item_idx)).decode()},"score":'
        if self._kept_bytes < _MOST_KEPT_BYTES:
            self._kept[item_idx] = piece
            self._kept_bytes += len(piece) + _TEXT_BYTES
        return piece


def _numbers(values: list[float]) -> Iterable[str]:
    """Write several at once, which takes half the time wherever all of them are plain."""
    texts = "%.7g " * len(values) % tuple(values)
    return texts.split() if texts.count(".") == len(values) and "e" not in texts else map(number, values)


def number(value: float) -> str:
    """Write a float32 without the digits that it never had: 0.9, not 0.8999999761581421."""
    text = f"{value:.7g}"
    # JSON writes whole numbers, very small and very large ones another way.
    return text if "." in text and "e" not in text else orjson.dumps(float(text)).decode()
