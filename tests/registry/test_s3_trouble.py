"""An S3 store that is missing, forbidden, full or away: one line and the right exit code, whatever the operation."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import boto3
import pytest

from registry.objects import StoreRefusedError
from registry.s3 import S3Store
from registry.settings import StoreSettings, open_store
from runtime.errors import Exit
from tests.parts.fixtures import had
from tests.parts.minio_server import Minio
from tests.parts.processes import free_port
from tests.parts.small_disk import SmallDisk, small_disk
from tests.registry.operations import ALL, KEY, READING, WRITING, assert_all_fail


@pytest.mark.usefixtures("minio_credentials")
def test_unknown_bucket_is_a_wrong_setting(minio: Minio, tmp_path: Path) -> None:
    store = S3Store("no-such-bucket", "", minio.endpoint_url)
    assert_all_fail(ALL, store, tmp_path, Exit.BAD_SETTINGS, "s3://no-such-bucket/", "Create the bucket", "STORE_URL")


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_wrong_credentials_are_a_wrong_setting(
    variable: str, minio: Minio, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "wrong-credential")
    store = S3Store(bucket, "", minio.endpoint_url)
    assert_all_fail(ALL, store, tmp_path, Exit.BAD_SETTINGS, f"s3://{bucket}/", "Check the credentials")


def test_credentials_that_may_only_read_are_a_wrong_setting_for_a_writer(
    minio: Minio, s3_store: S3Store, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3_store.put(KEY, b"kept")
    let_only_read(minio, monkeypatch)
    reader = S3Store(bucket, "a shop/ü", minio.endpoint_url)
    assert_all_fail(WRITING, reader, tmp_path, Exit.BAD_SETTINGS, f"s3://{bucket}/", "AccessDenied", "their rights")
    for operation in READING.values():
        operation(reader, tmp_path)
    assert reader.get(KEY).body == b"kept"


def let_only_read(minio: Minio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Change to temporary credentials that MinIO itself restricts to reading."""
    client = boto3.client("sts", endpoint_url=minio.endpoint_url, region_name="us-east-1")
    statement = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::*"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    granted = client.assume_role(RoleArn="arn:minio:iam:::role/reader", RoleSessionName="reader", Policy=policy)
    client.close()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", granted["Credentials"]["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", granted["Credentials"]["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", granted["Credentials"]["SessionToken"])


def test_no_credentials_are_a_wrong_setting(tmp_path: Path) -> None:
    store = S3Store("bucket", "", "http://127.0.0.1:1")
    assert_all_fail(ALL, store, tmp_path, Exit.BAD_SETTINGS, "s3://bucket/", "AWS_ACCESS_KEY_ID")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AWS_ACCESS_KEY_ID", "half", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_PROFILE", "no-such-profile", "no-such-profile"),
        ("AWS_DEFAULT_REGION", "no where", "no where"),
    ],
)
def test_setting_that_boto3_refuses_is_a_wrong_setting(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StoreRefusedError, match=rf"cannot open s3://bucket/: .*{said}"):
        S3Store("bucket", "", None)


@pytest.mark.usefixtures("minio_credentials")
def test_bucket_name_that_cannot_be_is_a_wrong_setting(minio: Minio, tmp_path: Path) -> None:
    store = open_store(StoreSettings.load(store_url="s3://No%20Bucket!", s3_endpoint_url=minio.endpoint_url))
    assert_all_fail(ALL, store, tmp_path, Exit.BAD_SETTINGS, "s3://No%20Bucket!/", "STORE_URL")


@pytest.mark.usefixtures("minio_credentials", "hasty_retries")
def test_store_that_does_not_answer_is_worth_another_try(tmp_path: Path) -> None:
    store = S3Store("shop", "prefix", f"http://127.0.0.1:{free_port()}")
    assert_all_fail(ALL, store, tmp_path, Exit.TRY_AGAIN, "s3://shop/prefix/", "S3_ENDPOINT_URL")


@pytest.mark.usefixtures("hasty_retries")
def test_store_that_was_away_is_used_again_when_it_is_back(minio: Minio, s3_store: S3Store, tmp_path: Path) -> None:
    with minio.away():
        assert_all_fail(ALL, s3_store, tmp_path, Exit.TRY_AGAIN, "S3_ENDPOINT_URL")
    s3_store.put(KEY, b"body")
    assert s3_store.get(KEY).body == b"body"


@pytest.fixture
def minio_on_a_small_disk(tmp_path: Path) -> Iterator[Minio]:
    with ExitStack() as stack:
        disk = had(small_disk(tmp_path / "small", 24 << 10), stack)
        server = Minio(disk.path)
        stack.callback(server.end)
        yield server


@pytest.mark.usefixtures("minio_credentials", "hasty_retries")
def test_full_store_is_worth_another_try_and_keeps_what_was_there(minio_on_a_small_disk: Minio, tmp_path: Path) -> None:
    store = S3Store(minio_on_a_small_disk.create_bucket(), "", minio_on_a_small_disk.endpoint_url)
    store.put(KEY, b"kept")
    too_much = {"write": lambda store, _: store.put(KEY, bytes(32_000_000))}
    assert_all_fail(too_much, store, tmp_path, Exit.TRY_AGAIN)
    assert store.get(KEY).body == b"kept"


def test_full_disk_of_this_machine_ends_a_download_and_leaves_nothing(
    s3_store: S3Store, disk_of_128_kilobytes: SmallDisk
) -> None:
    s3_store.put(KEY, bytes(200_000))
    fetch = {"read": ALL["read to a file"]}
    assert_all_fail(fetch, s3_store, disk_of_128_kilobytes.path, Exit.TRY_AGAIN, "No space left")
    assert list(disk_of_128_kilobytes.path.iterdir()) == []
