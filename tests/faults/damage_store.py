"""The sound store whose objects are damaged: three versions of different models, the last of them in service."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.sparse as sp

from model.catalogue import Catalogue
from model.codec import write_model
from model.figures import Figures
from model.histories import Histories
from model.ids import Ids
from model.model import Model
from model.neighbours import Neighbours
from model.texts import Texts
from registry.files import FileStore
from registry.layout import folder_of, manifest_key
from registry.manifest import CARD_FILE, MODEL_FILE, FileEntry, Manifest, version_id
from registry.pointer import CURRENT_KEY
from registry.registry import Description, Registry
from tests.builders import integer_ids, string_ids
from tests.faults.mutations import Target

_NAMES: Final = {Target.MODEL: MODEL_FILE, Target.CARD: CARD_FILE}


@dataclass(frozen=True)
class SoundStore:
    """A store in a folder, its versions, and the bytes of every object as they should be."""

    folder: Path
    versions: tuple[str, ...]
    objects: Mapping[str, bytes]

    @property
    def registry(self) -> Registry:
        return Registry(FileStore(self.folder))

    def key(self, target: Target, version: str) -> str:
        """Give the key of a version's object."""
        if target is Target.POINTER:
            return CURRENT_KEY
        return manifest_key(version) if target is Target.MANIFEST else f"{folder_of(version)}{_NAMES[target]}"

    def damage(self, key: str, body: bytes | None) -> None:
        """Put other bytes in the place of an object's, or take it away."""
        path = self.folder / key
        if body is None:
            path.unlink()
        else:
            path.write_bytes(body)

    def restore(self, key: str) -> None:
        """Make an object sound again."""
        (self.folder / key).write_bytes(self.objects[key])


def sound_store(folder: Path) -> SoundStore:
    """Publish the versions into a new folder."""
    registry = Registry(FileStore(folder / "store"))
    versions = tuple(_publish(registry, folder, model) for model in _models())
    registry.promote(versions[0], "sound", registry.pointer_state())
    registry.promote(versions[-1], "sound", registry.pointer_state())
    objects = {info.key: registry.store.get(info.key).body for info in registry.store.list("")}
    return SoundStore(folder / "store", versions, objects)


def signed(body: bytes, model: bytes | None = None) -> bytes:
    """Sign a manifest anew, as an attacker or a tool with a defect would; what cannot be signed is left as it is."""
    try:
        content: dict[str, Any] = json.loads(body)
        content.pop("digest", None)
        if model is not None:
            content["files"][MODEL_FILE] = {"size": len(model), "sha256": hashlib.sha256(model).hexdigest()}
        plain = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError, TypeError, AttributeError):
        return body
    return json.dumps({**content, "digest": hashlib.sha256(plain).hexdigest()}, indent=2).encode()


def _models() -> list[Model]:
    few = [f"{letter}{number}" for letter in ("a", "ü", "商", "🛒") for number in range(10)]
    return [
        _model(integer_ids(list(range(10, 50))), integer_ids([*range(-5, 55)]), 8, 1),
        _with_catalogue(_model(string_ids(few), string_ids([f"user {number}" for number in range(60)]), 8, 2)),
        _model(
            integer_ids([7**number for number in range(20)] + list(range(10**17, 10**17 + 280))), _hundreds(), 25, 3
        ),
    ]


def _with_catalogue(model: Model) -> Model:
    """Give a model the catalogue of a shop that has three products more, and knows not all of each."""
    new, rng = string_ids(["new", "neu", "新"]), np.random.default_rng(4)
    n = len(model.products) + len(new)
    catalogue = Catalogue(
        new,
        np.ones(n, np.uint8),
        Texts.of("Crème 🛒 "[: row % 8] for row in range(n)),
        Texts.of(f"https://shop/{row}" for row in range(n)),
        string_ids(["Kaffee", "Tee", "Süßes", "お茶"]),
        (np.arange(n, dtype=np.int32) % 5) - 1,
        (rng.random(n) * 100).astype(np.float32),
        (rng.random(n) < 0.9).astype(np.uint8),
    )
    return replace(model, catalogue=catalogue)


def _hundreds() -> Ids:
    return integer_ids([number * 100 for number in range(400)])


def _model(products: Ids, users: Ids, k: int, seed: int) -> Model:
    rng = np.random.default_rng(seed)
    n, n_users = len(products), len(users)
    events, similarities = _sparse(rng, n_users, n, 0.1), _sparse(rng, n, n, 0.3)
    return Model(
        products,
        users,
        Neighbours.from_matrix(similarities, k),
        Histories(events.indptr.astype(np.int64), events.indices.astype(np.int32), events.data.astype(np.float32)),
        np.asarray(events.sum(axis=0), np.float32),
    )


def _sparse(rng: np.random.Generator, n_rows: int, n_columns: int, density: float) -> "sp.csr_array":
    return sp.csr_array(np.where(rng.random((n_rows, n_columns)) < density, rng.random((n_rows, n_columns)), 0))


def _publish(registry: Registry, folder: Path, model: Model) -> str:
    path, card = folder / "model", b"<!doctype html><title>card</title>" + b"<p>x</p>" * 100
    write_model(model, path)

    def describe(created_at: datetime, entry: FileEntry) -> Description:
        manifest = Manifest(
            version=version_id(created_at, entry.sha256),
            created_at=created_at,
            data_until=datetime(2025, 1, 5, tzinfo=UTC),
            recipe="cosine",
            settings={"min_co_occurrence": 5, "window_days": None, "events": {"cart": {"weight": 0.5}}},
            events={"purchase": 8014, "view": 3173},
            event_weights={"purchase": 1.0, "view": 0.3},
            data={"busiest_users_share": 0.0125},
            metrics=asdict(Figures.of(model)),
            holdout={"recall@10": {"candidate": [0.2, 0.1, 0.3], "champion": None}},
            gate=[{"rule": "newest_event", "action": "warn", "threshold": 3, "measured": 0.4, "verdict": "passed"}],
            libraries={"numpy": np.__version__},
            files={MODEL_FILE: entry, CARD_FILE: FileEntry.of_bytes(card)},
        )
        return Description(manifest, {CARD_FILE: card})

    return registry.publish(path, describe).version
