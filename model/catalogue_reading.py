"""The catalogue of a model file: every claim is checked before one of its arrays is used."""

import numpy as np
from numpy.typing import NDArray

from model.catalogue import NO_CATEGORY, NO_PRICE, Catalogue
from model.errors import DamagedModelError
from model.file_arrays import Arrays, check_numbers, column
from model.ids import Ids, IntegerIds, StringIds, ids_from_arrays, string_ids_from_arrays
from model.texts import texts_from_arrays


def catalogue_from_arrays(arrays: Arrays, products: Ids) -> Catalogue | None:
    """Take the catalogue of these products out of a model file's arrays, None where it has none.

    Raises DamagedModelError, naming the array and what is wrong with it.
    """
    if not any(name.startswith("catalogue.") for name in arrays):
        return None
    catalogue = Catalogue(
        ids_from_arrays("catalogue.new_product_ids", arrays),
        column(arrays, "catalogue.listed", np.uint8),
        texts_from_arrays("catalogue.names", arrays),
        texts_from_arrays("catalogue.image_urls", arrays),
        string_ids_from_arrays("catalogue.categories", arrays),
        column(arrays, "catalogue.category", np.int32),
        column(arrays, "catalogue.price", np.float32),
        column(arrays, "catalogue.available", np.uint8),
    )
    _check_lengths(catalogue, len(products))
    _check_new(catalogue, products)
    _check_categories(catalogue.categories, catalogue.category)
    _check_prices(catalogue.price)
    for name in ("listed", "available"):
        _check_yes_or_no(f"catalogue.{name}", getattr(catalogue, name))
    return catalogue


def _check_lengths(catalogue: Catalogue, n_items: int) -> None:
    n_new = len(catalogue.new_products)
    for name in ("listed", "names", "image_urls", "category", "price", "available"):
        found = len(getattr(catalogue, name))
        if found != n_items + n_new:
            raise DamagedModelError(f"catalogue.{name} has {found} values for {n_items} products and {n_new} new ones")


def _check_new(catalogue: Catalogue, products: Ids) -> None:
    if not catalogue.listed[len(products) :].all():
        raise DamagedModelError("catalogue.listed denies a new product, which only the catalogue can know")
    if _share_an_id(catalogue.new_products, products):
        raise DamagedModelError("catalogue.new_product_ids holds a product of the model")


def _share_an_id(some: Ids, others: Ids) -> bool:
    if isinstance(some, IntegerIds) and isinstance(others, IntegerIds):
        return bool(np.isin(some.values, others.values, assume_unique=True).any())
    known = {others.at(idx) for idx in range(len(others))} if len(some) else set()
    return any(some.at(idx) in known for idx in range(len(some)))


def _check_categories(categories: StringIds, category: NDArray[np.int32]) -> None:
    if len(categories) and categories.offsets[1] == 0:
        raise DamagedModelError("catalogue.categories holds one without a name")
    if len(category) and (category.min() < NO_CATEGORY or category.max() >= len(categories)):
        raise DamagedModelError(f"catalogue.category points outside the {len(categories)} categories")


def _check_prices(price: NDArray[np.float32]) -> None:
    check_numbers("catalogue.price", price)
    if np.any((price < 0) & (price != NO_PRICE)):
        raise DamagedModelError(f"catalogue.price holds {price.min():g}, only {NO_PRICE:g} may be below 0")


def _check_yes_or_no(name: str, answers: NDArray[np.uint8]) -> None:
    if len(answers) and answers.max() > 1:
        raise DamagedModelError(f"{name} holds {answers.max()}, it must be 0 or 1")
