"""Bad stores: one clear line that names what, where and what to do, and the exit code."""

from collections.abc import Callable
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.registry import Registry
from tests.parts.processes import free_port
from tests.parts.s3_front import S3Front
from tests.parts.small_disk import SmallDisk
from tests.trainer.running import assert_one_clear_line, train

pytestmark = pytest.mark.usefixtures("store_path")


def test_a_read_only_store(sample_shop_url: str, disk_of_128_kilobytes: SmallDisk) -> None:
    disk_of_128_kilobytes.make_read_only()
    ended = train(DATABASE_URL=sample_shop_url, STORE_URL=disk_of_128_kilobytes.path.as_uri())
    parts = ("cannot write", "models", "Read-only file system", "STORE_URL must name a folder that can be written")
    assert_one_clear_line(ended, 64, *parts)


def test_a_full_disk_keeps_the_model_in_service(sample_shop_url: str, disk_of_128_kilobytes: SmallDisk) -> None:
    settings = {"DATABASE_URL": sample_shop_url, "STORE_URL": disk_of_128_kilobytes.path.as_uri()}
    assert train(**settings).exit_code == 0  # a version takes 80 kB
    before = Registry(FileStore(disk_of_128_kilobytes.path)).current()
    assert_one_clear_line(train(**settings), 75, "cannot write", "No space left on device", "Make room")
    assert Registry(FileStore(disk_of_128_kilobytes.path)).current() == before


@pytest.mark.usefixtures("bucket")
def test_an_unknown_bucket(sample_shop_url: str, s3_settings: str) -> None:  # noqa: ARG001
    ended = train(DATABASE_URL=sample_shop_url, STORE_URL="s3://no-such-bucket/x")
    assert_one_clear_line(ended, 64, "s3://no-such-bucket/x/", "NoSuchBucket", "Create the bucket")


def test_wrong_credentials(sample_shop_url: str, s3_settings: str) -> None:
    ended = train(DATABASE_URL=sample_shop_url, AWS_SECRET_ACCESS_KEY="wrong-secret")
    assert_one_clear_line(ended, 64, s3_settings, "SignatureDoesNotMatch", "Check the credentials")
    assert "wrong-secret" not in ended.log


def test_a_store_that_is_down(sample_shop_url: str, s3_settings: str) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    ended = train(DATABASE_URL=sample_shop_url, S3_ENDPOINT_URL=endpoint)
    assert_one_clear_line(ended, 75, s3_settings, endpoint, "Is S3_ENDPOINT_URL right, and the store up?")


def test_a_store_that_answers_500_and_then_recovers(sample_shop_url: str, front: S3Front, s3_settings: str) -> None:
    front.answer_with(500, times=3)
    ended = train(DATABASE_URL=sample_shop_url, S3_ENDPOINT_URL=front.endpoint_url)
    assert ended.exit_code == 0, ended.log
    assert "current" in train("versions").output
    assert s3_settings.startswith("s3://")


def test_an_old_version_that_cannot_be_removed_does_not_fail_a_run(
    sample_shop_url: str, front: S3Front, s3_settings: str
) -> None:
    settings = {"DATABASE_URL": sample_shop_url, "KEEP_VERSIONS": "1", "STORE_URL": s3_settings}
    for _ in range(2):
        assert train(**settings).exit_code == 0
    front.answer_with(500, times=1000, method="DELETE")
    ended = train(**settings, S3_ENDPOINT_URL=front.endpoint_url)
    assert ended.exit_code == 0
    assert "WARNING: Old versions were not removed: cannot delete s3://" in ended.log
    assert "Outcome: promoted" in ended.log


def test_current_json_that_is_no_json_is_replaced(sample_shop_url: str, store_path: Path) -> None:
    store_path.mkdir()
    (store_path / "current.json").write_text("{half")
    ended = train(DATABASE_URL=sample_shop_url)
    assert ended.exit_code == 0
    assert "WARNING: No current model: current.json is damaged" in ended.log
    assert Registry(FileStore(store_path)).current()


def _delete_version(store_path: Path, version: str) -> None:
    for path in (store_path / "models" / version).iterdir():
        path.unlink()


def _newer_schema(store_path: Path, version: str) -> None:
    path = store_path / "models" / version / "manifest.json"
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 2'))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [(_delete_version, "it is not there"), (_newer_schema, "has schema_version 2, this program reads 1")],
    ids=["current.json names a missing version", "the manifest is from a newer program"],
)
def test_a_current_model_that_cannot_be_used_is_replaced(
    sample_shop_url: str, store_path: Path, damage: Callable[[Path, str], None], reason: str
) -> None:
    assert train(DATABASE_URL=sample_shop_url).exit_code == 0
    before = Registry(FileStore(store_path)).current()
    assert before
    damage(store_path, before.version)
    ended = train(DATABASE_URL=sample_shop_url)
    assert ended.exit_code == 0, ended.log
    assert reason in ended.log
    after = Registry(FileStore(store_path)).current()
    assert after
    assert after.version != before.version
