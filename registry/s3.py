"""The object store on S3: Amazon's own, MinIO, or any store with conditional writes."""

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ValidationError,
)

from registry.objects import (
    ObjectChangedError,
    ObjectExistsError,
    ObjectInfo,
    ObjectMissingError,
    StoredObject,
    StoreRefusedError,
    StoreUnavailableError,
)
from registry.s3_parts import give_up_parts, put_in_parts
from runtime.errors import RecommenderError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_MISSING: Final = {"NoSuchKey", "NoSuchUpload", "404"}
_CONFLICT: Final = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_SERVER_ERROR: Final = 500
_WITHOUT_CREDENTIALS: Final = (NoCredentialsError, PartialCredentialsError)
_WRONG_SETTINGS: Final = (ConfigParseError, ParamValidationError, ProfileNotFound, ValidationError)
_READ_BYTES: Final = 1 << 20
_WRITE_ID: Final = "write-id"
# Far below the 5 GB that a store takes at once.
_IN_ONE_BYTES: Final = 1 << 30


class S3Store:
    """The contract of registry/objects.py on a bucket; credentials are found as boto3 finds them.

    What is larger than `in_one` bytes is written in several requests.
    """

    def __init__(self, bucket: str, prefix: str, endpoint_url: str | None, in_one: int = _IN_ONE_BYTES) -> None:
        self._in_one = in_one
        self._bucket, self._prefix = bucket, prefix.strip("/") + "/" if prefix.strip("/") else ""
        with self._errors("open", ""):
            self._client = _connect(endpoint_url)

    def get(self, key: str) -> StoredObject:
        """Give an object."""
        with self._errors("read", key):
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            return StoredObject(answer["Body"].read(), answer["ETag"])

    def fetch(self, key: str, directory: Path) -> Path:
        """Copy an object into a folder."""
        path = directory / key.replace("/", "-")
        beside = path.with_name(f".fetching-{uuid.uuid4().hex}")
        try:
            with self._errors("read", key):
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
                with beside.open("wb") as file:
                    for piece in answer["Body"].iter_chunks(_READ_BYTES):
                        file.write(piece)
                # A model of an earlier fetch may be mapped from this path: its file lives on, whole.
                beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        return path

    def put(self, key: str, body: bytes | Path, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write an object, under a condition where one is given."""
        write_id = uuid.uuid4().hex
        options: dict[str, Any] = {"Metadata": {_WRITE_ID: write_id}}
        if if_none_match:
            options["IfNoneMatch"] = "*"
        if if_match is not None:
            options["IfMatch"] = if_match
        try:
            with self._errors("write", key):
                return self._put(key, body, options)
        except (ObjectChangedError, ObjectMissingError):
            return self._settle(key, write_id, ObjectExistsError if if_none_match else ObjectChangedError)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Give the objects below a prefix, page by page."""
        with self._errors("list", prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                for entry in page.get("Contents", []):
                    yield ObjectInfo(entry["Key"].removeprefix(self._prefix), entry["Size"], entry["LastModified"])

    def delete(self, key: str) -> None:
        """Remove an object, if there is one."""
        with self._errors("delete", key):
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)

    def discard_unfinished(self, prefix: str, before: datetime) -> Sequence[str]:
        """Give up uploads in parts; of one request that was cut off a store keeps nothing.

        Nothing where these credentials may not list them.
        """
        try:
            with self._errors("sweep", prefix):
                found = give_up_parts(self._client, self._bucket, self._prefix + prefix, before)
        except StoreRefusedError:
            return ()
        return [key.removeprefix(self._prefix) for key in found]

    def _put(self, key: str, body: bytes | Path, options: dict[str, Any]) -> str:
        size = body.stat().st_size if isinstance(body, Path) else len(body)
        if size > self._in_one:
            return put_in_parts(self._client, self._bucket, self._prefix + key, body, options)
        with body.open("rb") if isinstance(body, Path) else nullcontext(body) as content:
            answer = self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=content, **options)
        return answer["ETag"]

    def _settle(self, key: str, write_id: str, refusal: type[RecommenderError]) -> str:
        """Tell a condition that failed from our own write, done before, whose answer was lost and which was retried."""
        try:
            with self._errors("read", key):
                there = self._client.head_object(Bucket=self._bucket, Key=self._prefix + key)
        except ObjectMissingError:
            raise ObjectChangedError(f"{key} was deleted by another writer") from None
        if there["Metadata"].get(_WRITE_ID) == write_id:
            return there["ETag"]
        raise refusal(f"{key} was written by another writer")

    @contextmanager
    def _errors(self, operation: str, key: str) -> Iterator[None]:
        """Turn boto3's errors into the contract's."""
        where = f"cannot {operation} s3://{self._bucket}/{self._prefix}{key}"
        try:
            yield
        except ClientError as error:
            raise _from_client_error(error, where) from None
        except (BotoCoreError, OSError) as error:
            raise _from_client_side(error, where) from None


def _connect(endpoint_url: str | None) -> "S3Client":
    logging.getLogger("botocore.credentials").setLevel(logging.WARNING)  # it tells where it found them, every time
    session = boto3.session.Session()
    config = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 5},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if endpoint_url else {},
    )
    region = session.region_name or "us-east-1"
    return session.client("s3", endpoint_url=endpoint_url, region_name=region, config=config)


def _from_client_side(error: BotoCoreError | OSError, where: str) -> Exception:
    """Translate what went wrong on this side of the store's answer, or instead of one."""
    reason = f"{where}: {error}"
    if isinstance(error, _WITHOUT_CREDENTIALS):
        hint = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or any other source that boto3 reads"
        return StoreRefusedError(reason, hint=hint)
    if isinstance(error, _WRONG_SETTINGS):
        return StoreRefusedError(reason, hint="Correct STORE_URL, or the AWS_* settings that boto3 reads")
    if isinstance(error, BotoCoreError):
        return StoreUnavailableError(reason, hint="Is S3_ENDPOINT_URL right, and the store up?")
    return StoreUnavailableError(reason, hint="Look at this machine's own disk")


def _from_client_error(error: ClientError, where: str) -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)
    reason = f"{where}: {code} {error.response.get('Error', {}).get('Message', '')}".rstrip()
    if code in _MISSING:
        return ObjectMissingError(f"{where}: it is not there")
    if code in _CONFLICT:
        return ObjectChangedError(f"{where}: another writer was there first")
    if code == "NoSuchBucket":
        return StoreRefusedError(reason, hint="Create the bucket, or correct STORE_URL")
    if "StorageFull" in code or status >= _SERVER_ERROR or code in {"SlowDown", "RequestTimeout", "TooManyRequests"}:
        return StoreUnavailableError(reason)
    return StoreRefusedError(reason, hint="Check the credentials, their rights on the bucket, and STORE_URL")
