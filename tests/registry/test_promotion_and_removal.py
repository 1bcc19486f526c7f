"""A version that one process removes and another puts in service: sound in every order of calls."""

import random
import shutil
import uuid
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.layout import folder_of, manifest_key, version_and_name
from registry.manifest import MODEL_FILE
from registry.objects import ObjectStore
from registry.pointer import Pointer, read_pointer
from registry.registry import Pruned, Registry
from registry.s3 import S3Store
from runtime.errors import RecommenderError
from tests.builders import a_model, publish
from tests.parts.minio_server import Minio
from tests.registry.interleaving import DiedError, Explorer, History

SAMPLE_ON_S3 = 20


@dataclass(frozen=True)
class Scene:
    """Three versions, the newest of them in service, in a folder. The oldest is about to go: `prune(1)` keeps two."""

    folder: Path
    oldest: str
    current: str
    downloads: Path

    def fresh(self) -> FileStore:
        """Give a copy of the store."""
        root = self.folder.parent / uuid.uuid4().hex
        shutil.copytree(self.folder, root)
        return FileStore(root)

    def roll_back(self, store: ObjectStore) -> Pointer:
        return Registry(store).roll_back(self.oldest, "ann", self.downloads)

    def prune(self, store: ObjectStore) -> Pruned:
        return Registry(store).prune(1)

    def explorer(self) -> Explorer:
        return Explorer(self.fresh, [self.roll_back, self.prune], current_version_is_whole, deaths=1)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    tmp_path = tmp_path_factory.mktemp("scene")
    folder = tmp_path / "stores" / "template"
    oldest, _, current = [publish(Registry(FileStore(folder))) for _ in range(3)]
    return Scene(folder, oldest, current, tmp_path)


def current_version_is_whole(store: ObjectStore) -> None:
    """At no moment does current.json name a version without a manifest or a model."""
    pointer = read_pointer(store).pointer
    assert pointer is not None
    store.get(manifest_key(pointer.version))
    store.get(f"{folder_of(pointer.version)}{MODEL_FILE}")


def judge(scene: Scene, store: ObjectStore, history: History) -> str:
    """Make sure that what the two were told is so; give who had their way."""
    registry = Registry(store)
    pointer, versions = registry.current(), {summary.version for summary in registry.versions()}
    rolled_back, pruned = history.results
    assert isinstance(rolled_back, (Pointer, RecommenderError, DiedError)), rolled_back
    assert isinstance(pruned, (Pruned, DiedError)), pruned
    assert pointer is not None
    registry.load(pointer.version, scene.downloads)
    if isinstance(rolled_back, Pointer):
        assert pointer == rolled_back
    elif isinstance(rolled_back, RecommenderError):
        assert pointer.version == scene.current
    if isinstance(pruned, Pruned):
        assert (pruned.versions == [scene.oldest]) == (scene.oldest not in versions)
    return "rolled back" if pointer.version == scene.oldest else "kept" if scene.oldest in versions else "removed"


def assert_nothing_is_left(store: ObjectStore) -> None:
    """The next promotion, and a prune a day later, leave versions and nothing else."""
    registry = Registry(store)
    publish(registry, a_model(popularity=[9, 9, 9, 9, 9]))
    registry.prune(5, now=datetime.now(UTC) + timedelta(days=2))
    versions = {summary.version for summary in registry.versions()}
    found = {version_and_name(info.key) for info in store.list("models/")}
    assert found == {(version, name) for version in versions for name in ("manifest.json", MODEL_FILE)}


@pytest.fixture(scope="module")
def explored(scene: Scene) -> list[tuple[History, str]]:
    """Every order in which the calls can fall, with each death of one of the two at each of its calls, on files."""
    found = []
    for store, history in scene.explorer().histories():
        found.append((history, judge(scene, store, history)))
        if history.has_death:
            assert_nothing_is_left(store)
    return found


def test_version_is_removed_or_in_service_in_every_order_of_calls(explored: list[tuple[History, str]]) -> None:
    ends = Counter(end for history, end in explored if not history.has_death)
    assert ends.keys() == {"rolled back", "removed", "kept"}
    assert ends.total() > 50
    assert ends["kept"] < ends.total() / 5


def test_whoever_dies_at_whatever_call_the_version_in_service_is_whole(explored: list[tuple[History, str]]) -> None:
    ends = Counter(end for history, end in explored if history.has_death)
    assert ends.keys() == {"rolled back", "removed", "kept"}
    assert ends.total() > 200


def test_a_sample_of_these_orders_ends_on_s3_as_on_files(
    scene: Scene, explored: list[tuple[History, str]], minio: Minio, bucket: str
) -> None:
    def fresh() -> S3Store:
        store, template = S3Store(bucket, uuid.uuid4().hex, minio.endpoint_url), FileStore(scene.folder)
        for info in template.list(""):
            store.put(info.key, template.get(info.key).body)
        return store

    explorer = replace(scene.explorer(), fresh=fresh)
    for history, end in random.Random(5).sample(explored, SAMPLE_ON_S3):
        assert judge(scene, *explorer.run(history.choices)) == end
