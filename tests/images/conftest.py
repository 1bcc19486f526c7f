"""The fixtures of the images, for the tests beside this file."""

from tests.images.fixtures import (
    api_image,
    buildah,
    mariadb_image,
    mariadb_server,
    minio_image,
    s3_settings,
    shop,
    trainer_image,
)

__all__ = [
    "api_image",
    "buildah",
    "mariadb_image",
    "mariadb_server",
    "minio_image",
    "s3_settings",
    "shop",
    "trainer_image",
]
