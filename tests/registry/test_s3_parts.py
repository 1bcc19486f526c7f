"""What is too large for one request of S3 is written in parts: it is whole at once, or it is not there."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from registry import s3_parts
from registry.objects import ObjectExistsError, StoreUnavailableError
from registry.s3 import S3Store
from tests.parts.minio_server import Minio
from tests.parts.s3_front import S3Front

pytestmark = pytest.mark.usefixtures("hasty_retries")
# The least that a store takes as a part that is not the last.
LEAST = 5 << 20


@pytest.fixture
def store(front: S3Front, bucket: str, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    monkeypatch.setattr(s3_parts, "PART_BYTES", LEAST)
    return S3Store(bucket, "shop", front.endpoint_url, in_one=LEAST)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    file = tmp_path / "large"
    file.write_bytes(os.urandom(2 * LEAST + 1_000))
    return file


def under_way(store: S3Store, key: str) -> list[str]:
    return list(store.discard_unfinished(key, datetime.now(UTC) + timedelta(hours=1)))


@pytest.mark.parametrize("of_bytes", [False, True])
def test_parts_are_one_object(store: S3Store, front: S3Front, large: Path, tmp_path: Path, *, of_bytes: bool) -> None:
    body = large.read_bytes()
    etag = store.put("key", body if of_bytes else large, if_none_match=True)
    assert sum(request.startswith("PUT") for request in map(str, front.requests)) == 3
    assert store.get("key").etag == etag
    assert store.fetch("key", tmp_path).read_bytes() == body
    assert under_way(store, "key") == []


def test_what_fits_into_one_request_is_one(store: S3Store, front: S3Front) -> None:
    store.put("key", b"x" * LEAST)
    assert len(front.requests) == 1


def test_object_that_is_there_is_not_replaced_by_parts(store: S3Store, large: Path) -> None:
    store.put("key", b"first")
    with pytest.raises(ObjectExistsError):
        store.put("key", large, if_none_match=True)
    assert store.get("key").body == b"first"
    assert under_way(store, "key") == []


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_answers_that_are_lost_change_nothing(store: S3Store, front: S3Front, large: Path, method: str) -> None:
    front.lose_answers(times=2, method=method)
    assert store.put("key", large, if_none_match=True) == store.get("key").etag
    assert store.get("key").body == large.read_bytes()


def test_lost_answer_to_the_last_request_is_no_other_writer(
    store: S3Store, front: S3Front, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = store._client.create_multipart_upload

    def begin_and_lose_the_next(**asked: str) -> object:
        begun = begin(**asked)  # type: ignore[arg-type]
        front.lose_answers(times=1, method="POST")
        return begun

    monkeypatch.setattr(store._client, "create_multipart_upload", begin_and_lose_the_next)
    assert store.put("key", large, if_none_match=True) == store.get("key").etag


def test_store_that_fails_in_the_middle_leaves_no_object(
    store: S3Store, front: S3Front, large: Path, minio: Minio, bucket: str
) -> None:
    front.answer_with(500, times=5, method="PUT")
    with pytest.raises(StoreUnavailableError, match=r"cannot write s3://\S+/shop/key"):
        store.put("key", large)
    assert list(store.list("")) == []
    assert under_way(S3Store(bucket, "shop", minio.endpoint_url), "key") == []


def test_upload_that_nobody_completed_is_given_up_after_a_day(store: S3Store, bucket: str) -> None:
    store._client.create_multipart_upload(Bucket=bucket, Key="shop/key")
    assert list(store.discard_unfinished("key", datetime.now(UTC) - timedelta(days=1))) == []
    assert under_way(store, "key") == ["key"]
    assert under_way(store, "key") == []


def test_store_that_does_not_let_uploads_be_listed_is_swept_of_none(store: S3Store, front: S3Front) -> None:
    front.answer_with(403, times=1, method="GET")
    assert under_way(store, "key") == []
    assert len(front.requests) == 1
