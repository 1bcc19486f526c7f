"""A version's manifest: what the version is, and the size and sha256 of each of its files."""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from model.errors import DamagedModelError
from model.golden import GoldenAnswer

SCHEMA_VERSION: Final = 1
MODEL_FILE: Final = "model.safetensors"
CARD_FILE: Final = "card.html"
_VERSION: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
_SHOWN: Final = 60


class FileEntry(BaseModel):
    """What one file of a version must be."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Measure a local file."""
        with path.open("rb") as file:
            return cls(size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())

    @classmethod
    def of_bytes(cls, body: bytes) -> Self:
        """Measure what is to become a file."""
        return cls(size=len(body), sha256=hashlib.sha256(body).hexdigest())


class Manifest(BaseModel):
    """All that is known of a version; written last, so that a version without one does not exist.

    `events` counts events by kind; `event_weights` is what one of a kind weighs, also of kinds that weigh 0; `data` are
    other figures of the events. `choice` is how the recipe was chosen, null where it was set. `metrics` are
    model.figures.Figures. `holdout` is how the recipe did on events it had not seen, null where it was not tried;
    `gate` has one ruling a rule, and `accepted` says whether they let the version through; `forced` names who put it in
    service all the same, and why. `as_of` marks a backfill: what was known then. `golden` is what the model said of a
    few products when it was made. `digest` is the sha256 of the rest, so that an edit shows.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    schema_version: int = SCHEMA_VERSION
    version: str
    created_at: AwareDatetime
    data_until: AwareDatetime | None
    recipe: str
    choice: dict[str, Any] | None = None
    settings: dict[str, Any]
    events: dict[str, int]
    event_weights: dict[str, float]
    data: dict[str, float] = Field(default_factory=dict)
    metrics: dict[str, float]
    holdout: dict[str, Any] | None = None
    gate: list[dict[str, Any]] = Field(default_factory=list)
    accepted: bool = True
    forced: dict[str, str] | None = None
    as_of: AwareDatetime | None = None
    golden: tuple[GoldenAnswer, ...] = ()
    libraries: dict[str, str]
    files: dict[str, FileEntry]
    digest: str = ""

    def to_json(self) -> bytes:
        """Render the manifest with its digest. Raises DamagedModelError where it holds what a reader would refuse."""
        content = self.model_dump(mode="json", exclude={"digest"})
        try:
            return json.dumps({**content, "digest": _digest(content)}, indent=2, ensure_ascii=False).encode()
        except ValueError as error:
            raise DamagedModelError(f"the manifest of {self.version} cannot be written: {error}") from None

    @classmethod
    def from_json(cls, version: str, body: bytes) -> Self:
        """Read a version's manifest. Raises DamagedModelError where it is not what a trainer wrote."""
        content = _parse(version, body)
        if content.get("schema_version") != SCHEMA_VERSION:
            found = str(content.get("schema_version"))[:_SHOWN]
            raise DamagedModelError(
                f"the manifest of {version} has schema_version {found}, this program reads {SCHEMA_VERSION}",
                hint="A newer program wrote it: upgrade this one, or roll back to a version it can read",
            )
        if not _is_signed(content) or content.get("version") != version:
            raise DamagedModelError(f"the manifest of {version} was changed after it was written")
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part)[:_SHOWN] for part in first["loc"])
            raise DamagedModelError(f"the manifest of {version} is not valid: {where}: {first['msg']}") from None


def version_id(created_at: datetime, content_sha256: str) -> str:
    """Name a version: `<UTC time>-<first 8 of the content's sha256>`, which sorts by time."""
    return f"{created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{content_sha256[:8]}"


def is_version(text: str) -> bool:
    """Whether a text has the form of a version."""
    return _VERSION.fullmatch(text) is not None


def _parse(version: str, body: bytes) -> dict[str, Any]:
    """Read JSON of a depth and of numbers that can be written again, and of text that is text."""
    try:
        content = from_json(body, allow_inf_nan=False)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise DamagedModelError(f"the manifest of {version} is not a JSON object")
    return content


def _is_signed(content: dict[str, Any]) -> bool:
    """Take the digest out of the content, and see whether it is right."""
    digest = content.pop("digest", None)
    try:
        return bool(digest == _digest(content))
    except ValueError:
        return False


def _digest(content: dict[str, Any]) -> str:
    """Give the sha256 of the content. Raises ValueError where a number in it is not finite."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
