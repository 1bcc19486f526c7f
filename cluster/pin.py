"""The pin: the version that the API's pods are made with, and who changed it last.

It is an annotation of the pod template that each pod reads as MODEL_VERSION. So every ReplicaSet keeps to one version,
and `kubectl rollout undo` brings back the model too. The chart never renders it: an upgrade leaves it as it is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cluster.writer import FIELD_MANAGER

if TYPE_CHECKING:
    from cluster.connection import Json  # what it speaks of is read here, but the client is not needed

PIN: Final = "recommender/model-version"


@dataclass(frozen=True)
class Pin:
    """The version that new pods are pinned to, None where they follow current.json.

    `changed_by` is the field manager that changed it last, `changed_at` when, by the API server's clock and in whole
    seconds: never before the change, and later where the same manager changed something else since. Both are None
    where the API server does not tell.
    """

    version: str | None
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def is_ours(self) -> bool:
        """Whether this project wrote it, as it does after it has moved current.json."""
        return self.changed_by == FIELD_MANAGER


def pin_of(deployment: "Json") -> Pin:
    """Read a Deployment's pin: the value, and from `metadata.managedFields` who owns it."""
    annotations = deployment["spec"]["template"]["metadata"].get("annotations") or {}
    owners = [entry for entry in deployment["metadata"].get("managedFields", []) if _owns_pin(entry)]
    version = annotations.get(PIN) or None
    if not owners:
        return Pin(version)
    last = max(owners, key=lambda entry: str(entry.get("time", "")))
    return Pin(version, last.get("manager"), datetime.fromisoformat(last["time"]) if "time" in last else None)


def _owns_pin(entry: "Json") -> bool:
    fields = entry.get("fieldsV1", {})
    for name in ("f:spec", "f:template", "f:metadata", "f:annotations"):
        fields = fields.get(name, {})
    return f"f:{PIN}" in fields
