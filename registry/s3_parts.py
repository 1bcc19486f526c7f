"""Objects that are too large for one request of S3, which takes 5 GB: they are written in parts, and are there at once.

What a writer that died left behind is no object. A store that knows such uploads by their prefix, as Amazon's does, has
them given up by the sweep; MinIO tells of none but by their whole key, and gives them up by itself after a day.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.utils import ReadFileChunk

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

# Ten thousand parts at most make an object: this allows 2.6 TB.
PART_BYTES: Final = 256 << 20


def put_in_parts(client: "S3Client", bucket: str, key: str, body: bytes | Path, options: dict[str, Any]) -> str:
    """Write a body part by part, and give the object's etag; it appears, on its condition, when all are there.

    Raises what boto3 raises; then nothing is left of it, as far as the store can be reached.
    """
    condition = {name: value for name, value in options.items() if name != "Metadata"}
    begun = client.create_multipart_upload(Bucket=bucket, Key=key, Metadata=options["Metadata"])
    upload = begun["UploadId"]
    try:
        parts: list[CompletedPartTypeDef] = []
        for number, piece in enumerate(_pieces(body), start=1):
            sent = client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=piece)
            parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        done = client.complete_multipart_upload(
            Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **condition
        )
    except BaseException:
        with suppress(BotoCoreError, ClientError):
            client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
        raise
    return done["ETag"]


def give_up_parts(client: "S3Client", bucket: str, prefix: str, before: datetime) -> list[str]:
    """Give up what was begun below a prefix before a moment and never completed; give the keys."""
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix)
    old = [one for page in pages for one in page.get("Uploads", []) if one["Initiated"] < before]
    for one in old:
        client.abort_multipart_upload(Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"])
    return [one["Key"] for one in old]


def _pieces(body: bytes | Path) -> Iterator[Any]:
    """Cut a body into what is sent at once; of a file no more is in memory than is being sent."""
    if isinstance(body, bytes):
        yield from (body[first : first + PART_BYTES] for first in range(0, len(body), PART_BYTES))
        return
    for first in range(0, body.stat().st_size, PART_BYTES):
        with ReadFileChunk.from_filename(str(body), first, PART_BYTES) as piece:
            yield piece
