"""A shelf fetches once what is read often, keeps nothing of what is read once, and makes room on a full disk."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from registry.files import FileStore
from registry.objects import ObjectMissingError, ObjectStore
from registry.s3 import S3Store
from registry.staging import Staging
from runtime.errors import TryAgainError
from tests.parts.s3_front import S3Front
from tests.parts.small_disk import SmallDisk
from trainer.distributed.mapped import columns_of
from trainer.distributed.shelf import Shelf

# Of a disk of 128 kilobytes, two fit and three do not.
LARGE = 6_000


@pytest.fixture
def far(front: S3Front, bucket: str) -> S3Store:
    """Give a store from which everything has to be copied."""
    return S3Store(bucket, "shop", front.endpoint_url)


@pytest.fixture
def shelf(far: S3Store, tmp_path: Path) -> Iterator[Shelf]:
    one = Shelf(Staging.new(far), tmp_path)
    yield one
    one.close()


def a_batch(first: int = 0, n: int = 100) -> pa.RecordBatch:
    return columns_of(number=np.arange(first, first + n))


def n_fetches(front: S3Front) -> int:
    return sum(request.startswith("GET ") for request in front.requests)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_read_again_is_fetched_once(shelf: Shelf, front: S3Front) -> None:
    shelf.write("blocks-0-lists-0", a_batch())
    for _ in range(3):
        assert shelf.read("blocks-0-lists-0").column("number").sum() == 4950
    assert n_fetches(front) == 1


def test_what_earlier_work_needed_is_not_kept(shelf: Shelf, front: S3Front, tmp_path: Path) -> None:
    """A run lays out dozens of matrices, and a disk that is never full may still not be for all of them."""
    for name in ("blocks-0-lists-0", "blocks-0-lists-1", "pairs-1-rule-0", "blocks-10-lists-0", "blocks-10-lists-1"):
        shelf.write(name, a_batch())
        shelf.read(name)
    assert len(files_below(tmp_path)) == 3
    for name in ("pairs-1-rule-0", "blocks-10-lists-0", "blocks-10-lists-1"):
        shelf.read(name)
    assert n_fetches(front) == 5


def test_what_is_read_once_leaves_no_file(shelf: Shelf, front: S3Front, tmp_path: Path) -> None:
    shelf.write("found", a_batch())
    found = shelf.read_once("found")
    assert files_below(tmp_path) == []
    assert found.column("number").sum() == 4950
    shelf.read_once("found")
    assert n_fetches(front) == 2


def test_what_moved_is_counted(shelf: Shelf) -> None:
    shelf.write("blocks-0-lists-0", a_batch())
    shelf.read("blocks-0-lists-0")
    shelf.read("blocks-0-lists-0")
    assert shelf.bytes_put == shelf.bytes_fetched > 800


def test_what_was_dropped_is_gone(shelf: Shelf, far: S3Store) -> None:
    shelf.write("blocks-0-lists-0", a_batch())
    shelf.drop(["blocks-0-lists-0", "never there"])
    assert list(far.list("")) == []
    with pytest.raises(ObjectMissingError):
        shelf.read("blocks-0-lists-0")


def test_closing_leaves_nothing_but_what_is_in_use(shelf: Shelf, tmp_path: Path) -> None:
    shelf.write("blocks-0-lists-0", a_batch())
    numbers = shelf.read("blocks-0-lists-0").column("number")
    shelf.close()
    assert list(tmp_path.iterdir()) == []
    assert numbers.sum() == 4950


def test_local_store_keeps_its_own_files(tmp_path: Path) -> None:
    shelf = Shelf(Staging.new(FileStore(tmp_path / "store")), tmp_path)
    shelf.write("blocks-0-lists-0", a_batch())
    shelf.read_once("blocks-0-lists-0")
    assert shelf.read("blocks-0-lists-0").column("number").sum() == 4950
    shelf.close()


def test_full_disk_lets_go_of_what_was_kept(shelf: Shelf, far: S3Store, disk_of_128_kilobytes: SmallDisk) -> None:
    for number in range(4):
        shelf.write(f"blocks-0-lists-{number}", a_batch(number, LARGE))
    small = Shelf(Staging(far, shelf.run), disk_of_128_kilobytes.path)
    held = [small.read(f"blocks-0-lists-{number}").column("number") for number in (0, 1)]
    del held  # what is still mapped holds its place
    for number in (2, 3, 0):
        assert small.read(f"blocks-0-lists-{number}").column("number")[0] == number
    small.close()


def test_disk_that_holds_not_even_one_is_one_line(shelf: Shelf, far: S3Store, disk_of_128_kilobytes: SmallDisk) -> None:
    shelf.write("blocks-0-lists-0", a_batch(n=10 * LARGE))
    small = Shelf(Staging(far, shelf.run), disk_of_128_kilobytes.path)
    with pytest.raises(TryAgainError, match=r"No space left on device") as full:
        small.read("blocks-0-lists-0")
    assert "\n" not in str(full.value)
    small.close()


@pytest.mark.parametrize("is_far", [True, False])
def test_disk_without_room_to_write_is_one_line(
    far: S3Store, tmp_path: Path, disk_of_128_kilobytes: SmallDisk, *, is_far: bool
) -> None:
    store: ObjectStore = far if is_far else FileStore(tmp_path / "store")
    small = Shelf(Staging.new(store), disk_of_128_kilobytes.path)
    with pytest.raises(TryAgainError, match=r"the disk of .* is full.*SPILL_FOLDER"):
        small.write("blocks-0-lists-0", a_batch(n=10 * LARGE))
    assert files_below(disk_of_128_kilobytes.path) == []
    small.write("blocks-0-lists-0", a_batch())
    small.close()


def test_store_without_room_is_one_line(tmp_path: Path, disk_of_128_kilobytes: SmallDisk) -> None:
    shelf = Shelf(Staging.new(FileStore(disk_of_128_kilobytes.path)), tmp_path)
    with pytest.raises(TryAgainError, match=r"No space left on device.*Make room on the disk of STORE_URL"):
        shelf.write("blocks-0-lists-0", a_batch(n=10 * LARGE))
    assert files_below(tmp_path) == []
    shelf.close()


def test_threads_of_one_worker_may_read_at_once(shelf: Shelf, far: S3Store, disk_of_128_kilobytes: SmallDisk) -> None:
    """A Dask worker may have several threads, each with a task; what one lets go of another may be about to map."""
    for number in range(12):
        shelf.write(f"blocks-0-lists-{number}", a_batch(number, LARGE // 3))
    small = Shelf(Staging(far, shelf.run), disk_of_128_kilobytes.path)
    numbers = np.random.default_rng(2).integers(0, 12, 200).tolist()
    with ThreadPoolExecutor(3) as pool:
        firsts = list(pool.map(lambda number: int(small.read(f"blocks-0-lists-{number}").column("number")[0]), numbers))
    assert firsts == numbers
    small.close()
