"""Trying a model out: a product's or a user's list with names, pictures and reasons, of one version or of two."""

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model.answers import AnswerList, history_of_one, recommend, similar
from model.catalogue import NO_CATEGORY, NO_PRICE
from model.histories import Histories
from model.model import Model
from model.reasons import explanations
from registry.registry import Registry

_LISTED: Final = 10
_SCHEMES: Final = ("https://", "http://")


@dataclass(frozen=True)
class Shown:
    """A product as people see it; what the catalogue does not say is empty."""

    product_id: str
    name: str
    category: str
    price: str
    image_url: str


@dataclass(frozen=True)
class ListedProduct:
    """A product of a list, where it came from, and the products that led to it with how many shoppers had both."""

    product: Shown
    score: float
    source: str
    seen: bool
    borrowed: bool
    reasons: tuple[tuple[Shown, int | None], ...]


@dataclass(frozen=True)
class Tried:
    """One version's list; `problem` says why there is none."""

    version: str
    listed: tuple[ListedProduct, ...] = ()
    problem: str = ""


class OtherVersions:
    """Loads a version that is not in service, and keeps the last one: they may be large."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        self._kept: tuple[str, Model] | None = None

    def load(self, version: str) -> Model:
        """Give a version's model. Raises DamagedModelError, ObjectMissingError, StoreUnavailableError."""
        with self._lock:
            if self._kept is None or self._kept[0] != version:
                self._kept = None
                with tempfile.TemporaryDirectory(prefix="recommender-console-") as folder:
                    self._kept = version, self._registry.load(version, Path(folder))
            return self._kept[1]


def similar_to(model: Model, product_id: str) -> tuple[AnswerList, Histories] | None:
    """Give what is like a product, and the history that it answers to; None where the model does not know it."""
    item_idx = model.find(product_id)
    return None if item_idx is None else (similar(model, item_idx, _LISTED), history_of_one(item_idx))


def for_user(model: Model, user_id: str) -> tuple[AnswerList, Histories] | None:
    """Give a user's list and history; None where the model does not know them."""
    user_idx = model.users.find(user_id)
    if user_idx is None:
        return None
    history = model.histories.alone(user_idx)
    return recommend(model, history, _LISTED), history


Ask = Callable[[Model, str], tuple[AnswerList, Histories] | None]


def listed(model: Model, found: AnswerList, history: Histories) -> tuple[ListedProduct, ...]:
    """Lay a list out with what led to each product."""
    why = explanations(model, history, found.answers)
    return tuple(
        ListedProduct(
            shown(model, answer.item_idx),
            answer.score,
            answer.source.value,
            answer.seen,
            answer.borrowed,
            tuple((shown(model, reason.item_idx), reason.shoppers) for reason in explanation.reasons),
        )
        for answer, explanation in zip(found.answers, why, strict=True)
    )


def shown(model: Model, idx: int) -> Shown:
    """Give what people see of a product."""
    product_id, catalogue = model.at(idx), model.catalogue
    if catalogue is None:
        return Shown(product_id, "", "", "", "")
    category, price, image_url = int(catalogue.category[idx]), float(catalogue.price[idx]), catalogue.image_urls.at(idx)
    return Shown(
        product_id,
        catalogue.names.at(idx),
        "" if category == NO_CATEGORY else catalogue.categories.at(category),
        "" if price == NO_PRICE else f"{price:,.2f}",
        image_url if image_url.startswith(_SCHEMES) else "",
    )
