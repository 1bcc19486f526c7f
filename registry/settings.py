"""Where the store is."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator

from registry.files import FileStore
from registry.objects import ObjectStore
from runtime.settings import Settings


def _embedded_store_url() -> str:
    return (Path.cwd() / "var" / "store").as_uri()


class StoreSettings(Settings):
    """The store of every process: `file:///path` or `s3://bucket/prefix`, by default `var/store` in this folder."""

    store_url: str = Field(default_factory=_embedded_store_url)
    s3_endpoint_url: str | None = None

    @field_validator("store_url")
    @classmethod
    def _check_store_url(cls, url: str) -> str:
        parts = urlsplit(url)
        is_folder = parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path not in {"", "/"}
        if not is_folder and not (parts.scheme == "s3" and parts.netloc):
            raise ValueError("must be file:///path/to/a/folder or s3://bucket/prefix")
        return url

    @field_validator("s3_endpoint_url")
    @classmethod
    def _check_endpoint(cls, url: str | None) -> str | None:
        if url is not None and not _is_endpoint(url):
            raise ValueError("must be http://host:port or https://host:port")
        return url


def _is_endpoint(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def open_store(settings: StoreSettings) -> ObjectStore:
    """Give the store of these settings; nothing is asked of it yet."""
    parts = urlsplit(settings.store_url)
    if parts.scheme == "file":
        return FileStore(Path(unquote(parts.path)))
    from registry.s3 import S3Store  # noqa: PLC0415 (boto3 takes 0.2 s to import, and only S3 needs it)

    return S3Store(parts.netloc, unquote(parts.path), settings.s3_endpoint_url)
