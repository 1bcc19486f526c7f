"""A catalogue that is not what a trainer wrote is refused by the name of its array, and never read past its end."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from model.catalogue import Catalogue, catalogue_arrays
from model.codec import read_model, write_model
from model.errors import DamagedModelError
from model.ids import StringIds
from model.model import Model
from tests.builders import a_catalogue, a_model, string_ids
from tests.model.test_damaged_file import FORMAT, Arrays, ask_everything, damaged, int64, let_through, utf8

# The catalogue to begin with: seven rows, of which two are new products; two categories; prices 18.5 0 -1 -1 -1 4.25 9.
ROWS = 7


def with_catalogue(model: Model | None = None) -> Model:
    return replace(model or a_model(), catalogue=a_catalogue())


def float32(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def uint8(*values: int) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)


def int32(*values: int) -> NDArray[np.int32]:
    return np.array(values, np.int32)


WRONG: dict[str, tuple[Arrays, str]] = {
    "one name too few": ({"catalogue.names.offsets": int64(0, 5, 5, 16, 16, 16, 30)}, "catalogue.names has 6 values"),
    "names that fall": (
        {"catalogue.names.offsets": int64(0, 7, 5, 16, 16, 16, 22, 30)},
        "catalogue.names.offsets do not cut up catalogue.names.utf8",
    ),
    "names that end early": (
        {"catalogue.names.offsets": int64(0, 5, 5, 16, 16, 16, 22, 29)},
        "catalogue.names.offsets do not cut up",
    ),
    "a name that ends inside a character": (
        {"catalogue.names.offsets": int64(0, 5, 5, 14, 16, 16, 22, 30)},
        "catalogue.names.offsets cut a character in two",
    ),
    "names that are no text": ({"catalogue.names.utf8": np.full(30, 0xFF, np.uint8)}, "catalogue.names"),
    "names of another type": (
        {"catalogue.names.offsets": int32(0, 5, 5, 16, 16, 16, 22, 30)},
        "catalogue.names must be int64 offsets into uint8 bytes",
    ),
    "no image URLs": (
        {"catalogue.image_urls.offsets": int64(0), "catalogue.image_urls.utf8": uint8()},
        "catalogue.image_urls has 0 values for 5 products and 2 new ones",
    ),
    "categories out of order": (
        {"catalogue.categories.offsets": int64(0, 3, 9), "catalogue.categories.utf8": utf8("TeaCoffee")},
        "catalogue.categories must rise",
    ),
    "a category without a name": (
        {"catalogue.categories.offsets": int64(0, 0, 9)},
        "catalogue.categories holds one without a name",
    ),
    "a category beyond the table": (
        {"catalogue.category": int32(0, -1, 0, -1, -1, 2, 0)},
        "catalogue.category points outside the 2 categories",
    ),
    "a category below the table": (
        {"catalogue.category": int32(0, -2, 0, -1, -1, 1, 0)},
        "catalogue.category points outside the 2 categories",
    ),
    "one category too many": ({"catalogue.category": int32(*[0] * 8)}, "catalogue.category has 8 values for 5"),
    "categories of another type": ({"catalogue.category": int64(*[0] * 7)}, "catalogue.category is int64"),
    "a price that is no number": (
        {"catalogue.price": float32(*[1] * 6, np.nan)},
        "catalogue.price holds a number that is not finite",
    ),
    "a price without end": ({"catalogue.price": float32(*[1] * 6, np.inf)}, "catalogue.price holds a number that is"),
    "a price beyond reason": ({"catalogue.price": float32(*[1] * 6, 2e15)}, "catalogue.price holds a number beyond"),
    "a price below nothing": ({"catalogue.price": float32(*[1] * 6, -2)}, "catalogue.price holds -2, only -1 may"),
    "one price too few": ({"catalogue.price": float32(*[1] * 6)}, "catalogue.price has 6 values for 5 products and 2"),
    "neither available nor not": ({"catalogue.available": uint8(*[1] * 6, 2)}, "catalogue.available holds 2, it must"),
    "neither listed nor not": ({"catalogue.listed": uint8(7, *[1] * 6)}, "catalogue.listed holds 7, it must be 0 or 1"),
    "a new product that is not listed": ({"catalogue.listed": uint8(*[1] * 6, 0)}, "catalogue.listed denies a new"),
    "a new product that has events": (
        {"catalogue.new_product_ids.int64": int64(15, 50)},
        "catalogue.new_product_ids holds a product of the model",
    ),
    "new products out of order": (
        {"catalogue.new_product_ids.int64": int64(60, 15)},
        "new_product_ids.int64 must rise",
    ),
    "one new product too many": (
        {"catalogue.new_product_ids.int64": int64(15, 60, 70)},
        "catalogue.listed has 7 values for 5 products and 3 new ones",
    ),
}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_catalogue_is_refused_by_name(tmp_path: Path, changes: Arrays, said: str) -> None:
    with pytest.raises(DamagedModelError, match=said):
        read_model(damaged(tmp_path / "model", with_catalogue(), changes))


@pytest.mark.parametrize("missing", sorted(catalogue_arrays(a_catalogue())))
def test_a_catalogue_that_lacks_an_array_is_refused_by_its_name(tmp_path: Path, missing: str) -> None:
    write_model(with_catalogue(), tmp_path / "model")
    rest = {name: array for name, array in load_file(tmp_path / "model").items() if name != missing}
    save_file(rest, tmp_path / "model", metadata=FORMAT)
    with pytest.raises(DamagedModelError, match=f"{missing.removesuffix('int64')}.*is missing"):
        read_model(tmp_path / "model")


def test_a_new_product_of_another_kind_of_id_is_new_by_its_text(tmp_path: Path) -> None:
    """Outside, 20 and "20" are one product."""
    model = replace(a_model(), catalogue=replace(a_catalogue(), new_products=string_ids(["A15", "é"])))
    write_model(model, tmp_path / "whole")
    assert read_model(tmp_path / "whole").catalogue
    offsets, text = StringIds.of(["20", "A"]).offsets, utf8("20A")
    changes: Arrays = {"catalogue.new_product_ids.offsets": offsets, "catalogue.new_product_ids.utf8": text}
    with pytest.raises(DamagedModelError, match="holds a product of the model"):
        read_model(damaged(tmp_path / "model", model, changes))


@pytest.mark.parametrize("change", [lambda byte: byte ^ 1, lambda byte: byte ^ 0x80, lambda _: ord("9")])
def test_a_catalogue_with_any_byte_changed_is_refused_or_tells_of_every_product(
    tmp_path: Path, change: Callable[[int], int]
) -> None:
    for model in let_through(with_catalogue(), tmp_path, change):
        ask_everything(model)
        if model.catalogue:
            tell_of_everything(model.catalogue)


def tell_of_everything(catalogue: Catalogue) -> None:
    assert len(catalogue.names) == len(catalogue.image_urls) == ROWS
    for row in range(ROWS):
        category = int(catalogue.category[row])
        told = [catalogue.names.at(row), catalogue.image_urls.at(row)]
        told += [catalogue.categories.at(category)] if category >= 0 else []
        assert all(text.encode().decode() == text for text in told)
        assert catalogue.price[row] == -1 or 0 <= catalogue.price[row] <= 1e15
        assert (catalogue.available[row], catalogue.listed[row]) in {(0, 0), (0, 1), (1, 0), (1, 1)}
