"""The image of MinIO takes the official image's arguments and variables."""

from typing import Final

import pytest

from tests.images.containers import Image
from tests.images.minio_server import BUCKET
from tests.images.shop import SHOP

pytestmark = pytest.mark.cluster

_VERSIONS: Final = ("-m", "trainer", "versions")


def test_the_trainer_publishes_into_a_bucket_that_was_made_as_a_folder(
    trainer_image: Image, s3_settings: dict[str, str]
) -> None:
    settings = {**SHOP, **s3_settings, "STORE_URL": f"s3://{BUCKET}/published"}
    assert trainer_image.run("-m", "trainer", "sample-shop", env=settings).returncode == 0
    assert trainer_image.run(*_VERSIONS, env=settings).stdout == ""
    trained = trainer_image.run("-m", "trainer", env=settings)
    assert trained.returncode == 0, trained.stderr
    assert trainer_image.run(*_VERSIONS, env=settings).stdout.endswith("  current\n")
