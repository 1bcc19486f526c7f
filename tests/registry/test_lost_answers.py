"""S3 behind a network that fails: what is tried again, and what a lost answer may not change."""

from pathlib import Path

import pytest

from registry.objects import ObjectChangedError, ObjectExistsError, StoreUnavailableError
from registry.s3 import S3Store
from runtime.errors import Exit
from tests.parts.minio_server import Minio
from tests.parts.s3_front import S3Front
from tests.parts.tcp_proxy import tcp_proxy

pytestmark = pytest.mark.usefixtures("hasty_retries")


@pytest.fixture
def store(front: S3Front, bucket: str) -> S3Store:
    return S3Store(bucket, "shop", front.endpoint_url)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_store_that_answers_an_error_and_recovers_loses_nothing(store: S3Store, front: S3Front, status: int) -> None:
    front.answer_with(status, times=2)
    store.put("key", b"body", if_none_match=True)
    front.answer_with(status, times=2)
    assert store.get("key").body == b"body"
    assert len(front.requests) == 6


def test_store_that_answers_errors_without_end_is_unavailable(store: S3Store, front: S3Front) -> None:
    front.answer_with(500, times=100)
    with pytest.raises(StoreUnavailableError, match=r"cannot write s3://\S+/shop/key: InternalError") as raised:
        store.put("key", b"body")
    assert raised.value.exit_code == Exit.TRY_AGAIN
    assert len(front.requests) == 5


def test_plain_write_whose_answer_was_lost_succeeds(store: S3Store, front: S3Front) -> None:
    front.lose_answers(times=1, method="PUT")
    assert store.put("key", b"body") == store.get("key").etag


def test_creation_whose_answer_was_lost_succeeds(store: S3Store, front: S3Front) -> None:
    front.lose_answers(times=1, method="PUT")
    assert store.put("key", b"body", if_none_match=True) == store.get("key").etag
    assert front.requests[:2] == [front.requests[0]] * 2


def test_replacement_whose_answer_was_lost_succeeds(store: S3Store, front: S3Front) -> None:
    etag = store.put("key", b"old")
    front.lose_answers(times=2, method="PUT")
    assert store.put("key", b"new", if_match=etag) == store.get("key").etag
    assert store.get("key").body == b"new"


def test_replacement_by_a_file_whose_answer_was_lost_succeeds(store: S3Store, front: S3Front, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"new" * 100_000)
    etag = store.put("key", b"old")
    front.lose_answers(times=1, method="PUT")
    store.put("key", tmp_path / "body", if_match=etag)
    assert store.get("key").body == b"new" * 100_000


def test_deletion_whose_answer_was_lost_succeeds(store: S3Store, front: S3Front) -> None:
    store.put("key", b"body")
    front.lose_answers(times=1, method="DELETE")
    store.delete("key")
    assert list(store.list("")) == []


def test_creation_that_never_arrived_does_not_pass_for_another_writers(store: S3Store, front: S3Front) -> None:
    store.put("key", b"body")
    front.answer_with(500, times=1, method="PUT")
    with pytest.raises(ObjectExistsError, match="key was written by another writer"):
        store.put("key", b"body", if_none_match=True)


def test_replacement_that_never_arrived_does_not_pass_for_another_writers(store: S3Store, front: S3Front) -> None:
    stale = store.put("key", b"old")
    store.put("key", b"new")
    front.answer_with(500, times=1, method="PUT")
    with pytest.raises(ObjectChangedError, match="key was written by another writer"):
        store.put("key", b"new", if_match=stale)


def test_download_cut_in_the_middle_is_unavailable_and_leaves_the_earlier_download(
    minio: Minio, s3_store: S3Store, bucket: str, tmp_path: Path
) -> None:
    s3_store.put("key", b"x" * 3_000_000)
    with tcp_proxy(minio.port) as proxy:
        store = S3Store(bucket, "a shop/ü", f"http://127.0.0.1:{proxy.port}")
        earlier = store.fetch("key", tmp_path / ".")
        proxy.cut_after(1_500_000)
        with pytest.raises(StoreUnavailableError, match=r"cannot read s3://.*/key: "):
            store.fetch("key", tmp_path)
    assert earlier.read_bytes() == b"x" * 3_000_000
    assert [path.name for path in tmp_path.iterdir()] == [earlier.name]


def test_body_cut_in_the_middle_is_never_taken_for_the_whole(minio: Minio, s3_store: S3Store, bucket: str) -> None:
    s3_store.put("key", b"x" * 3_000_000)
    with tcp_proxy(minio.port) as proxy:
        proxy.cut_after(1_500_000)
        with pytest.raises(StoreUnavailableError, match=r"cannot read s3://.*/key: "):
            S3Store(bucket, "a shop/ü", f"http://127.0.0.1:{proxy.port}").get("key")
