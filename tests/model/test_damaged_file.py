"""A model file that is not what a trainer wrote is refused by name, or at least never breaks a question."""

import pickle
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from model.answers import popular, recommend, similar
from model.codec import read_model, write_model
from model.errors import DamagedModelError
from model.model import Model
from model.neighbours import Neighbours
from runtime.errors import Exit
from tests.builders import a_model, integer_ids, string_ids

FORMAT = {"format": "recommender-model/1"}
Arrays = dict[str, NDArray[np.generic]]


def int64(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def utf8(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


# The file to begin with: neighbours.indptr 0 2 3 4 4 4, four pairs; histories.indptr 0 1 3 8; ids 10 to 50 and 1 to 3.
WRONG: dict[str, tuple[Arrays, str]] = {
    "indptr for another catalogue": (
        {"neighbours.indptr": int64(0, 2, 3, 4)},
        "neighbours.indptr has 4 values for 5 rows",
    ),
    "indptr begins late": ({"neighbours.indptr": int64(1, 2, 3, 4, 4, 4)}, "neighbours.indptr does not cut up 4"),
    "indptr ends early": ({"neighbours.indptr": int64(0, 2, 3, 3, 3, 3)}, "neighbours.indptr does not cut up 4"),
    "indptr falls": ({"neighbours.indptr": int64(0, 3, 2, 4, 4, 4)}, "neighbours.indptr does not cut up 4"),
    "indptr falls by more than 64 bits hold": (
        {"neighbours.indptr": int64(0, 2**62, -(2**63), -(2**62), 0, 4)},
        "neighbours.indptr does not cut up 4",
    ),
    "index below the catalogue": (
        {"neighbours.indices": np.array([1, 2, 0, -1], np.int32)},
        "neighbours.indices points outside the 5 products",
    ),
    "index beyond the catalogue": (
        {"histories.indices": np.array([0, 1, 3, 0, 1, 2, 3, 5], np.int32)},
        "histories.indices points outside the 5 products",
    ),
    "indices of another type": (
        {"neighbours.indices": int64(1, 2, 0, 0)},
        "neighbours.indices is int64, it must be int32",
    ),
    "scores of a type this format does not have": (
        {"neighbours.scores": np.ones(4, np.float16)},
        r"neighbours.scores is F16 of shape \[4\]: not an array of this format",
    ),
    "scores of two dimensions": (
        {"neighbours.scores": np.ones((2, 2), np.float32)},
        r"neighbours.scores is F32 of shape \[2, 2\]",
    ),
    "too few scores": ({"neighbours.scores": np.ones(3, np.float32)}, "does not cut up 4 indices and 3 values"),
    "score that is no number": (
        {"neighbours.scores": np.array([1, np.nan, 1, 1], np.float32)},
        "neighbours.scores holds a number that is not finite",
    ),
    "product that is its own neighbour": (
        {"neighbours.indices": np.array([1, 2, 1, 0], np.int32)},
        "neighbours.indices holds a product that is its own neighbour",
    ),
    "score beyond reason": (
        {"neighbours.scores": np.array([1, -2e15, 1, 1], np.float32)},
        r"neighbours.scores holds a number beyond 1e\+15",
    ),
    "more pairs than there are": (
        {
            "histories.indptr": int64(0, 1, 3, 16),
            "histories.indices": np.zeros(16, np.int32),
            "histories.weights": np.ones(16, np.float32),
        },
        "histories.indices has 16 values for 3 rows of 5 products",
    ),
    "weight without end": (
        {"histories.weights": np.array([np.inf] * 8, np.float32)},
        "histories.weights holds a number that is not finite",
    ),
    "popularity that is no number": (
        {"popularity": np.full(5, np.nan, np.float32)},
        "popularity holds a number that is not finite",
    ),
    "popularity of another catalogue": (
        {"popularity": np.ones(6, np.float32)},
        "popularity has 6 values for 5 products",
    ),
    "integer ids out of order": ({"product_ids.int64": int64(10, 30, 20, 40, 50)}, "product_ids.int64 must rise"),
    "integer id twice": ({"product_ids.int64": int64(10, 20, 20, 40, 50)}, "product_ids.int64 must rise"),
    "integer ids of another type": (
        {"product_ids.int64": np.array([10, 20, 30, 40, 50], np.float32)},
        "product_ids.int64 is float32, it must be int64",
    ),
    "fewer users than histories": ({"user_ids.int64": int64(1, 2)}, "histories.indptr has 4 values for 2 rows"),
}
WRONG_STRINGS: dict[str, tuple[Arrays, str]] = {
    "offsets begin late": ({"product_ids.offsets": int64(1, 2, 4, 5, 6, 7)}, "product_ids.offsets do not cut up"),
    "offsets fall": ({"product_ids.offsets": int64(0, 2, 1, 5, 6, 7)}, "product_ids.offsets do not cut up"),
    "offsets end early": ({"product_ids.offsets": int64(0, 1, 2, 3, 4, 5)}, "product_ids.offsets do not cut up"),
    "no offsets": ({"product_ids.offsets": int64()}, "product_ids.offsets do not cut up"),
    "offsets of another type": (
        {"product_ids.offsets": np.array([0, 1, 2, 3, 4, 6], np.int32)},
        "product_ids must be int64 offsets into uint8 bytes",
    ),
    "not text": ({"product_ids.utf8": np.full(6, 0xFF, np.uint8)}, "product_ids.utf8 is not UTF-8"),
    "offset inside a character": (
        {"product_ids.offsets": int64(0, 1, 2, 3, 5, 6)},
        "product_ids.offsets cut a character in two",
    ),
    "string ids out of order": ({"product_ids.utf8": utf8("acbdü")}, "product_ids must rise"),
    "string id twice": ({"product_ids.utf8": utf8("abbdü")}, "product_ids must rise"),
}


# Companions of the same catalogue: 20 goes with 10, for three shoppers.
COMPANIONS: Arrays = {
    "complements.indptr": int64(0, 1, 1, 1, 1, 1),
    "complements.indices": np.array([1], np.int32),
    "complements.shoppers": np.array([3], np.int32),
}
WRONG_COMPANIONS: dict[str, tuple[Arrays, str]] = {
    "rows of another catalogue": ({"complements.indptr": int64(0, 1, 1)}, "complements.indptr has 3 values for 5 rows"),
    "itself": ({"complements.indices": np.array([0], np.int32)}, "complements.indices holds a product that is its own"),
    "outside": ({"complements.indices": np.array([5], np.int32)}, "complements.indices points outside the 5 products"),
    "nobody": (
        {"complements.shoppers": np.array([0], np.int32)},
        "complements.shoppers holds 0, it must be at least 1",
    ),
    "one too many": ({"complements.shoppers": np.array([3, 3], np.int32)}, "has 2 values for 1 pairs"),
}


def damaged(path: Path, model: Model, changes: Arrays) -> Path:
    write_model(model, path)
    save_file({**load_file(path), **changes}, path, metadata=FORMAT)
    return path


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG)
def test_wrong_array_is_refused_by_name(tmp_path: Path, changes: Arrays, said: str) -> None:
    with pytest.raises(DamagedModelError, match=said) as raised:
        read_model(damaged(tmp_path / "model", a_model(), changes))
    assert raised.value.exit_code == Exit.BAD_DATA


@pytest.mark.parametrize(("changes", "said"), WRONG_STRINGS.values(), ids=WRONG_STRINGS)
def test_wrong_string_ids_are_refused_by_name(tmp_path: Path, changes: Arrays, said: str) -> None:
    model = a_model(products=string_ids(["a", "b", "c", "d", "ü"]))
    with pytest.raises(DamagedModelError, match=said):
        read_model(damaged(tmp_path / "model", model, changes))


@pytest.mark.parametrize(("changes", "said"), WRONG_COMPANIONS.values(), ids=WRONG_COMPANIONS)
def test_wrong_companions_are_refused_by_name(tmp_path: Path, changes: Arrays, said: str) -> None:
    with pytest.raises(DamagedModelError, match=said):
        read_model(damaged(tmp_path / "model", a_model(), {**COMPANIONS, **changes}))


@pytest.mark.parametrize("missing", COMPANIONS)
def test_companions_that_lack_an_array_are_refused_by_its_name(tmp_path: Path, missing: str) -> None:
    rest = {name: array for name, array in COMPANIONS.items() if name != missing}
    with pytest.raises(DamagedModelError, match=f"{missing} is missing"):
        read_model(damaged(tmp_path / "model", a_model(), rest))


def test_any_missing_array_is_named(tmp_path: Path) -> None:
    write_model(a_model(), tmp_path / "whole")
    arrays = load_file(tmp_path / "whole")
    for name in arrays:
        rest = {other: array for other, array in arrays.items() if other != name}
        save_file(rest, tmp_path / "model", metadata=FORMAT)
        with pytest.raises(DamagedModelError, match=f"{name.removesuffix('int64')}.*is missing"):
            read_model(tmp_path / "model")


@pytest.mark.parametrize("metadata", [{"format": "recommender-model/2"}, {"format": "pt"}, None])
def test_file_of_another_format_is_refused_with_both_names(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    write_model(a_model(), tmp_path / "model")
    save_file(load_file(tmp_path / "model"), tmp_path / "model", metadata=metadata)
    with pytest.raises(DamagedModelError, match=r"the file is of format .* reads .*recommender-model/1"):
        read_model(tmp_path / "model")


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 8, b"\xff" * 100, pickle.dumps([1, 2]), b"{}", b"\x02" + bytes(7) + b"{}"]
)
def test_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(DamagedModelError):
        read_model(tmp_path / "model")


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(DamagedModelError, match="not a safetensors file"):
            read_model(path)


def test_file_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    write_model(a_model(), tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()
    for length in range(len(content)):
        (tmp_path / "model").write_bytes(content[:length])
        with pytest.raises(DamagedModelError):
            read_model(tmp_path / "model")


@pytest.mark.parametrize("change", [lambda byte: byte ^ 1, lambda byte: byte ^ 0x80, lambda _: ord("9")])
def test_file_with_any_byte_changed_is_refused_or_answers_every_question(
    tmp_path: Path, change: Callable[[int], int]
) -> None:
    for model in let_through(with_all_that_is_optional(), tmp_path, change):
        ask_everything(model)


def with_all_that_is_optional() -> Model:
    """A model whose users come back, and one of whose products borrows."""
    model = a_model(users=string_ids(["a", "ü", "🛒"]))
    again = np.arange(1, model.histories.n_interactions + 1, dtype=np.float32)
    rows = np.array([0, 0, 0, 0, 2, 2]), np.array([0, 2], np.int32), np.array([0.25, 0.125], np.float32)
    return replace(model, histories=replace(model.histories, again=again), borrowed=Neighbours(*rows))


def let_through(whole: Model, folder: Path, change: Callable[[int], int]) -> Iterator[Model]:
    """Change each byte of a model's file in turn, and give what is read where that is not refused."""
    write_model(whole, folder / "whole")
    content = (folder / "whole").read_bytes()
    for position in range(len(content)):
        body = bytearray(content)
        body[position] = change(body[position])
        (folder / "model").write_bytes(body)
        with suppress(DamagedModelError):
            yield read_model(folder / "model")


WRONG_OPTIONAL: dict[str, tuple[Arrays, str]] = {
    "again is short": ({"histories.again": np.ones(7, np.float32)}, "histories.again has 7 values for 8 interactions"),
    "again is not a number": ({"histories.again": np.full(8, np.nan, np.float32)}, "histories.again holds a number"),
    "borrowed is not whole": ({"borrowed.indices": np.array([0], np.int32)}, "borrowed.indptr does not cut up"),
    "borrowed from nowhere": ({"borrowed.indices": np.array([0, 5], np.int32)}, "points outside the 5 products"),
    "borrowed from itself": ({"borrowed.indices": np.array([0, 3], np.int32)}, "borrowed.indices holds a product"),
    "borrowed scores": ({"borrowed.scores": np.array([1, np.inf], np.float32)}, "borrowed.scores holds a number"),
}


@pytest.mark.parametrize(("changes", "said"), WRONG_OPTIONAL.values(), ids=WRONG_OPTIONAL)
def test_what_is_optional_is_refused_by_name_too(tmp_path: Path, changes: Arrays, said: str) -> None:
    ask_everything(read_model(damaged(tmp_path / "whole", with_all_that_is_optional(), {})))
    with pytest.raises(DamagedModelError, match=said):
        read_model(damaged(tmp_path / "model", with_all_that_is_optional(), changes))


def ask_everything(model: Model) -> None:
    for item in range(len(model.products)):
        assert model.products.find(model.products.at(item)) == item
        similar(model, item, 10)
    for user in range(len(model.users)):
        assert model.users.find(model.users.at(user)) == user
        recommend(model, model.histories.alone(user), 10)
    popular(model, 10)


def test_largest_numbers_that_are_let_through_give_finite_scores(tmp_path: Path) -> None:
    full = {item: {other: 1e15 for other in range(5) if other != item} for item in range(5)}
    write_model(a_model(neighbours=full, histories={0: dict.fromkeys(range(5), 1e15)}), tmp_path / "model")
    model = read_model(tmp_path / "model")
    answers = recommend(model, model.histories.alone(0), 5).answers
    assert len(answers) == 5
    assert all(np.isfinite(answer.score) for answer in answers)


def test_own_neighbour_is_found_in_whichever_row_it_is(tmp_path: Path) -> None:
    n = 40_000
    ring = {item: {(item + 1) % n: 1.0} for item in range(n)}
    model = a_model(integer_ids(list(range(n))), neighbours=ring, popularity=[1.0] * n)
    write_model(model, tmp_path / "whole")
    read_model(tmp_path / "whole")
    for item in (0, 16_383, 16_384, 32_768, n - 1):
        indices = model.neighbours.indices.copy()
        indices[item] = item
        with pytest.raises(DamagedModelError, match="its own neighbour"):
            read_model(damaged(tmp_path / "model", model, {"neighbours.indices": indices}))
