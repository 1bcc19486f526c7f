"""A model that goes in service is in memory: no request waits for the disk, or works out what all requests need."""

import mmap
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api.served_model import warm_up
from model.catalogue import Catalogue
from model.codec import model_arrays, read_model, write_model
from model.companions import Companions
from model.model import Model
from model.neighbours import Neighbours
from model.texts import Texts
from tests.builders import a_model, integer_ids, string_ids

# Each array takes so many pages that the kernel, which maps up to 16 at a time, cannot map it by chance.
N = 200_000


def a_large_model() -> Model:
    """A model in which each array that grows with the shop has 40 pages and more."""
    each, pairs = np.arange(N + 1), np.roll(np.arange(N, dtype=np.int32), 1)
    ones = np.ones(N, np.float32)
    small = a_model()
    rows = Neighbours(each, pairs, ones)
    return Model(
        products=integer_ids(list(range(N))),
        users=string_ids([f"user-{number}" for number in range(N)]),
        neighbours=rows,
        histories=replace(small.histories, indptr=each, indices=pairs, weights=ones, again=ones),
        popularity=np.arange(N, dtype=np.float32),
        substitutes=Companions(each, pairs, np.ones(N, np.int32)),
        complements=Companions(each, pairs, np.ones(N, np.int32)),
        catalogue=a_large_catalogue(),
        borrowed=rows,
    )


def a_large_catalogue() -> Catalogue:
    return Catalogue(
        integer_ids([]),
        np.zeros(N, np.uint8),
        Texts.of(["Espresso"] * N),
        Texts.of(["https://shop/10.png"] * N),
        string_ids([]),
        np.full(N, -1, np.int32),
        np.full(N, -1, np.float32),
        np.ones(N, np.uint8),
    )


def mapping_of(array: NDArray[np.generic]) -> mmap.mmap:
    """The mapping that an array looks into."""
    below = array
    while isinstance(below, np.ndarray):
        below = below.base  # type: ignore[assignment]
    mapped = below.obj if isinstance(below, memoryview) else below
    assert isinstance(mapped, mmap.mmap)
    return mapped


def pages_of_file(path: Path) -> tuple[int, int]:
    """Of the mappings of a file in this process, in KB: all, and those in its page tables."""
    blocks = Path("/proc/self/smaps").read_text().split("VmFlags")
    lines = next(block for block in blocks if str(path) in block).splitlines()
    sizes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if "kB" in rest}
    return sizes["Size"], sizes["Rss"]


def test_warming_up_touches_every_page_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_model(a_large_model(), path)
    model = read_model(path)
    mapping_of(model.popularity).madvise(mmap.MADV_DONTNEED)
    assert pages_of_file(path)[1] == 0
    warm_up(model)
    size, touched = pages_of_file(path)
    assert size == touched > 20_000


def test_warming_up_works_out_what_all_requests_need() -> None:
    catalogue = replace(a_large_catalogue(), available=np.arange(N, dtype=np.uint8) % 2)
    model = replace(a_large_model(), catalogue=catalogue)
    warm_up(model)
    assert {"by_popularity", "popularity_share", "available"} <= set(vars(model))


def test_every_array_of_a_large_model_is_large() -> None:
    small = {name for name, array in model_arrays(a_large_model()).items() if array.nbytes < 40 * mmap.PAGESIZE}
    assert small == {"catalogue.new_product_ids.int64", "catalogue.categories.utf8", "catalogue.categories.offsets"}
