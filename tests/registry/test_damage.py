"""Damage to what lies in the store: refused with what is damaged, and never served."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from model.errors import DamagedModelError
from registry.files import FileStore
from registry.manifest import MODEL_FILE, FileEntry, Manifest, _digest
from registry.objects import ObjectMissingError
from registry.pointer import CURRENT_KEY, DamagedPointerError
from registry.registry import Registry
from runtime.errors import Exit
from tests.builders import publish

POINTER = {"previous": None, "promoted_at": "2025-01-05T02:00:00Z", "promoted_by": "ann"}
DAMAGED_POINTERS = {
    "empty": b"",
    "cut short": b'{"version": "20250105T0200',
    "not text": b"\xff\xfe\x00",
    "nested too deep": b"[" * 100_000,
    "a list": b"[]",
    "without a version": json.dumps(POINTER).encode(),
    "version of a wrong type": json.dumps({**POINTER, "version": 7}).encode(),
    "version that is none": json.dumps({**POINTER, "version": "latest"}).encode(),
    "version that leads outside": json.dumps({**POINTER, "version": "../../etc"}).encode(),
    "date that is none": json.dumps({**POINTER, "version": "20250105T020000Z-1f3c9a2e", "promoted_at": "x"}).encode(),
}


@dataclass(frozen=True)
class Published:
    """A registry with one version in service, and the files that hold it."""

    registry: Registry
    version: str
    folder: Path
    downloads: Path

    @property
    def model(self) -> Path:
        return self.folder / MODEL_FILE

    @property
    def manifest(self) -> Path:
        return self.folder / "manifest.json"

    def refusal(self) -> str:
        """Give the one line with which loading is refused."""
        with pytest.raises(DamagedModelError) as raised:
            self.registry.load(self.version, self.downloads)
        assert raised.value.exit_code == Exit.BAD_DATA
        assert "\n" not in str(raised.value)
        return str(raised.value)

    def sign(self, **changes: object) -> None:
        """Write the manifest anew with a right digest, as a program with a defect would."""
        content = {**json.loads(self.manifest.read_bytes()), **changes}
        del content["digest"]
        self.manifest.write_text(json.dumps({**content, "digest": _digest(content)}))


@pytest.fixture
def published(registry: Registry, tmp_path: Path) -> Published:
    version = publish(registry)
    return Published(registry, version, tmp_path / "store" / "models" / version, tmp_path)


@pytest.mark.parametrize("body", DAMAGED_POINTERS.values(), ids=DAMAGED_POINTERS)
def test_damaged_pointer_is_refused_with_what_to_choose_from(published: Published, body: bytes) -> None:
    published.registry.store.put(CURRENT_KEY, body)
    with pytest.raises(DamagedPointerError, match=r"current\.json is damaged: ") as raised:
        published.registry.current()
    assert raised.value.exit_code == Exit.BAD_DATA
    assert f"python -m trainer rollback VERSION`; the store holds {published.version}" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_damaged_pointer_is_mended_by_a_promotion(published: Published) -> None:
    published.registry.store.put(CURRENT_KEY, b"{")
    published.registry.promote(published.version, "ann", published.registry.pointer_state())
    pointer = published.registry.current()
    assert pointer is not None
    assert (pointer.version, pointer.previous) == (published.version, None)


def test_damaged_pointer_is_mended_by_a_roll_back_to_a_named_version(published: Published) -> None:
    published.registry.store.put(CURRENT_KEY, b"{")
    published.registry.roll_back(published.version, "ann", published.downloads)
    assert published.registry.current() is not None


def test_nothing_is_pruned_under_a_damaged_pointer(published: Published) -> None:
    for _ in range(2):
        publish(published.registry)
    published.registry.store.put(CURRENT_KEY, b"{")
    with pytest.raises(DamagedPointerError):
        published.registry.prune(1)
    assert len(published.registry.versions()) == 3


def test_pointer_to_a_missing_version_names_it(published: Published) -> None:
    published.manifest.unlink()
    pointer = published.registry.current()
    assert pointer is not None
    with pytest.raises(ObjectMissingError, match=rf"cannot read .*{published.version}/manifest\.json: it is not there"):
        published.registry.load(pointer.version, published.downloads)


def test_version_without_its_model_file_is_damaged(published: Published) -> None:
    published.model.unlink()
    assert f"{MODEL_FILE} of {published.version} is missing. Roll back" in published.refusal()


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "figure": lambda content: content["metrics"].update(n_users=4),
    "recipe": lambda content: content.update(recipe="better"),
    "checksum": lambda content: content["files"][MODEL_FILE].update(sha256="0" * 64),
    "size": lambda content: content["files"][MODEL_FILE].update(size=1),
    "file left out": lambda content: content["files"].clear(),
    "field added": lambda content: content.update(note="harmless"),
    "digest left out": lambda content: content.pop("digest"),
    "digest of a wrong type": lambda content: content.update(digest=None),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_edited_manifest_is_refused(published: Published, edit: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(published.manifest.read_bytes())
    edit(content)
    published.manifest.write_text(json.dumps(content))
    assert f"the manifest of {published.version} was changed after it was written" in published.refusal()


def test_manifest_of_another_version_is_refused(published: Published) -> None:
    other = publish(published.registry)
    published.manifest.write_bytes(published.registry.store.get(f"models/{other}/manifest.json").body)
    assert f"the manifest of {published.version} was changed" in published.refusal()


def test_manifest_with_any_byte_changed_is_refused_or_says_the_same(published: Published) -> None:
    original = published.manifest.read_bytes()
    read = Manifest.from_json(published.version, original)
    for position in range(len(original)):
        body = bytearray(original)
        body[position] ^= 1
        try:
            assert Manifest.from_json(published.version, bytes(body)) == read
        except DamagedModelError:
            continue


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_manifest_that_is_no_json_object_is_refused(published: Published, body: bytes) -> None:
    published.manifest.write_bytes(body)
    assert f"the manifest of {published.version} is not a JSON object" in published.refusal()


@pytest.mark.parametrize("schema_version", [2, 0, "1", None])
def test_manifest_of_another_schema_version_names_both(published: Published, schema_version: object) -> None:
    published.sign(schema_version=schema_version)
    refusal = published.refusal()
    assert f"has schema_version {schema_version}, this program reads 1" in refusal
    assert "upgrade" in refusal


def test_manifest_of_wrong_types_is_refused(published: Published) -> None:
    published.sign(metrics={"n_users": "many"}, files={MODEL_FILE: {"size": 1}})
    refusal = published.refusal()
    assert f"the manifest of {published.version} is not valid" in refusal
    assert "metrics.n_users" in refusal


def test_manifest_that_lists_no_model_is_refused(published: Published) -> None:
    published.sign(files={})
    assert f"{MODEL_FILE} of {published.version} is damaged: it should be in the manifest" in published.refusal()


def test_model_file_cut_short_anywhere_is_refused(published: Published) -> None:
    original = published.model.read_bytes()
    for length in (0, 1, 7, 8, 9, len(original) // 2, len(original) - 1):
        published.model.write_bytes(original[:length])
        refusal = published.refusal()
        assert f"{MODEL_FILE} of {published.version} is damaged: it should be {len(original)} bytes" in refusal
        assert f"it is {length} bytes" in refusal


def test_model_file_with_any_byte_changed_is_refused(published: Published) -> None:
    original = published.model.read_bytes()
    for position in range(0, len(original), 7):
        body = bytearray(original)
        body[position] ^= 1 << position % 8
        published.model.write_bytes(body)
        assert f"{MODEL_FILE} of {published.version} is damaged" in published.refusal()


def test_model_file_that_was_made_wrong_is_refused_though_its_checksum_is_right(published: Published) -> None:
    arrays = load_file(published.model)
    arrays["popularity"] = np.array([np.nan] * 5, np.float32)
    save_file(arrays, published.model, metadata={"format": "recommender-model/1"})
    published.sign(files={MODEL_FILE: FileEntry.of(published.model).model_dump()})
    assert "popularity holds a number that is not finite" in published.refusal()


def test_damaged_version_is_not_rolled_back_to(published: Published, file_store: FileStore) -> None:
    current = publish(published.registry)
    published.model.write_bytes(b"damaged")
    with pytest.raises(DamagedModelError, match=published.version):
        published.registry.roll_back(None, "ann", published.downloads)
    pointer = Registry(file_store).current()
    assert pointer is not None
    assert pointer.version == current
