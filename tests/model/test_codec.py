"""The model file: what was written is what is read, and equal models are equal bytes."""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from safetensors import safe_open

from model.catalogue import Catalogue, catalogue_arrays
from model.codec import read_model, write_model
from model.companions import Companions
from model.ids import Ids
from model.model import Model
from tests.builders import a_catalogue, a_model, integer_ids, string_ids
from tests.model import random_models as random

Floats = np.ndarray[tuple[int], np.dtype[np.float32]]


def written(model: Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_model(model, Path(folder) / "model")
        return (Path(folder) / "model").read_bytes()


def round_trip(model: Model) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        write_model(model, Path(folder) / "model")
        return read_model(Path(folder) / "model")


def all_of(ids: Ids) -> list[str]:
    return [ids.at(idx) for idx in range(len(ids))]


def assert_equal(one: Model, other: Model) -> None:
    assert all_of(one.products) == all_of(other.products)
    assert all_of(one.users) == all_of(other.users)
    for left, right in (
        (one.neighbours.indptr, other.neighbours.indptr),
        (one.neighbours.indices, other.neighbours.indices),
        (one.neighbours.scores, other.neighbours.scores),
        (one.histories.indptr, other.histories.indptr),
        (one.histories.indices, other.histories.indices),
        (one.histories.weights, other.histories.weights),
        (one.popularity, other.popularity),
    ):
        assert left.dtype == right.dtype
        assert np.array_equal(left, right)
    assert_equal_or_absent(one.histories.again, other.histories.again)
    assert_equal_companions(one.substitutes, other.substitutes)
    assert_equal_companions(one.complements, other.complements)
    assert_equal_catalogues(one.catalogue, other.catalogue)
    assert (one.borrowed is None) == (other.borrowed is None)
    if one.borrowed is not None and other.borrowed is not None:
        for part in ("indptr", "indices", "scores"):
            assert np.array_equal(getattr(one.borrowed, part), getattr(other.borrowed, part))


def assert_equal_or_absent(one: Floats | None, other: Floats | None) -> None:
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert np.array_equal(one, other)


def assert_equal_companions(one: Companions | None, other: Companions | None) -> None:
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        for part in ("indptr", "indices", "shoppers"):
            assert np.array_equal(getattr(one, part), getattr(other, part))


def assert_equal_catalogues(one: Catalogue | None, other: Catalogue | None) -> None:
    left, right = catalogue_arrays(one), catalogue_arrays(other)
    assert left.keys() == right.keys()
    for name in left:
        assert left[name].dtype == right[name].dtype
        assert np.array_equal(left[name], right[name]), name


@given(random.models())
def test_model_is_read_as_it_was_written(model: Model) -> None:
    assert_equal(round_trip(model), model)


@given(random.models())
def test_equal_models_are_equal_bytes(model: Model) -> None:
    assert written(model) == written(round_trip(model))


@pytest.mark.parametrize(
    "ids",
    [
        integer_ids([-(2**63), -1, 0, 2**31, 2**32, 2**63 - 1]),
        string_ids(["", "a/b%2F", "ünï", "🛒" * 300, "x" * 300, "\0", "\U0010ffff"]),
    ],
    ids=["integers", "strings"],
)
def test_ids_of_any_kind_are_read_as_they_were_written(ids: Ids) -> None:
    n = len(ids)
    model = a_model(products=ids, users=ids, popularity=[1.0] * n)
    assert all_of(round_trip(model).products) == all_of(round_trip(model).users) == all_of(ids)


def test_bytes_do_not_depend_on_the_process() -> None:
    script = """
import hashlib, pathlib, sys
from model.catalogue import Catalogue, catalogue_arrays
from model.codec import write_model
from tests.builders import a_model, string_ids
write_model(a_model(products=string_ids(["a", "b", "c", "d", "e"])), pathlib.Path(sys.argv[1]))
"""
    seeds = ["1", "2", "3"]
    for seed in seeds:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, f"model-{seed}"], env=environment, check=True)
    assert len({Path(f"model-{seed}").read_bytes() for seed in seeds}) == 1


def test_file_holds_arrays_and_a_format_and_nothing_else(tmp_path: Path) -> None:
    write_model(a_model(), tmp_path / "model")
    with safe_open(tmp_path / "model", framework="numpy") as opened:
        assert opened.metadata() == {"format": "recommender-model/1"}
        assert sorted(opened.keys()) == [
            "histories.indices",
            "histories.indptr",
            "histories.weights",
            "neighbours.indices",
            "neighbours.indptr",
            "neighbours.scores",
            "popularity",
            "product_ids.int64",
            "user_ids.int64",
        ]


def test_model_is_mapped_so_that_its_file_may_go(tmp_path: Path) -> None:
    write_model(a_model(), tmp_path / "model")
    model = read_model(tmp_path / "model")
    (tmp_path / "model").unlink()
    assert_equal(model, a_model())
    assert not model.popularity.flags.writeable
    assert not model.popularity.flags.owndata


def test_a_catalogue_is_mapped_and_says_the_same_of_each_product(tmp_path: Path) -> None:
    write_model(replace(a_model(), catalogue=a_catalogue()), tmp_path / "model")
    catalogue = read_model(tmp_path / "model").catalogue
    assert catalogue
    assert [catalogue.names.at(row) for row in (0, 1, 2, 6)] == ["Mokka", "", "Crème 🛒", "Espresso"]
    assert all_of(catalogue.new_products) == ["15", "60"]
    for array in catalogue_arrays(catalogue).values():
        assert not array.flags.writeable
        assert not array.flags.owndata


def test_a_file_without_a_catalogue_is_a_model_without_one(tmp_path: Path) -> None:
    write_model(a_model(), tmp_path / "model")
    assert read_model(tmp_path / "model").catalogue is None
