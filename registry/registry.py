"""The registry of versions: publish, promote, load, roll back, prune."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from model.codec import read_model
from model.errors import DamagedModelError
from model.model import Model
from registry.layout import MANIFEST_FILE, MODELS, folder_of, manifest_key, version_and_name
from registry.leftovers import sweep
from registry.manifest import CARD_FILE, MODEL_FILE, FileEntry, Manifest, is_version
from registry.objects import ObjectExistsError, ObjectMissingError, ObjectStore, StoreUnavailableError
from registry.pointer import (
    DamagedPointerError,
    LostRaceError,
    Pointer,
    PointerState,
    read_pointer,
    swap_pointer,
    write_pointer,
)
from registry.retention import prune_versions
from runtime.errors import BadSettingsError

_ANOTHER_VERSION = "Roll back to another version with `python -m trainer rollback`"


@dataclass(frozen=True)
class VersionSummary:
    """What a listing tells of a version."""

    version: str
    size_bytes: int
    published_at: datetime


@dataclass(frozen=True)
class Description:
    """What goes with a model file: its manifest, and the other files that the manifest names."""

    manifest: Manifest
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Pruned:
    """The versions that were removed, oldest first, and the keys of what unfinished work had left behind."""

    versions: list[str]
    leftovers: list[str]


class Registry:
    """The versions in a store, and which of them is in service."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    def versions(self) -> list[VersionSummary]:
        """Give the versions, oldest first; files without a manifest are not a version."""
        sizes: dict[str, int] = {}
        published: dict[str, datetime] = {}
        for info in self.store.list(MODELS):
            version, name = version_and_name(info.key)
            sizes[version] = sizes.get(version, 0) + info.size_bytes
            if name == MANIFEST_FILE and is_version(version):
                published[version] = info.modified_at
        return [VersionSummary(version, sizes[version], published[version]) for version in sorted(published)]

    def manifest(self, version: str) -> Manifest:
        """Give a version's manifest. Raises ObjectMissingError, DamagedModelError."""
        return Manifest.from_json(version, self.store.get(manifest_key(version)).body)

    def load(self, version: str, directory: Path) -> Model:
        """Load a version through a folder for downloads, checking size and sha256 before a byte is used.

        Raises ObjectMissingError, DamagedModelError, StoreUnavailableError.
        """
        expected = self.manifest(version).files.get(MODEL_FILE)
        try:
            path = self.store.fetch(f"{folder_of(version)}{MODEL_FILE}", directory)
            return _read_checked(path, version, expected)
        except (ObjectMissingError, FileNotFoundError):
            raise DamagedModelError(f"{MODEL_FILE} of {version} is missing", hint=_ANOTHER_VERSION) from None
        except OSError as error:  # the file may be the store's own, on a file system in trouble
            raise StoreUnavailableError(f"cannot read {MODEL_FILE} of {version}: {error.strerror}") from None

    def card(self, version: str) -> bytes:
        """Give a version's model card. Raises ObjectMissingError, DamagedModelError, StoreUnavailableError."""
        expected = self.manifest(version).files.get(CARD_FILE)
        body = self.store.get(f"{folder_of(version)}{CARD_FILE}").body
        if expected is None or FileEntry.of_bytes(body) != expected:
            raise DamagedModelError(f"{CARD_FILE} of {version} is not what its manifest says")
        return body

    def publish(self, model_file: Path, describe: Callable[[datetime, FileEntry], Description]) -> Manifest:
        """Upload a model, then its manifest, which makes it a version. Nothing is in service by this alone.

        `describe` is asked for the manifest at a time; where that time's version exists already, at the next second.
        """
        entry = FileEntry.of(model_file)
        created_at = datetime.now(UTC).replace(microsecond=0)
        while True:
            described = describe(created_at, entry)
            try:
                self._upload(model_file, described)
            except ObjectExistsError:
                created_at += timedelta(seconds=1)
            else:
                return described.manifest

    def _upload(self, model_file: Path, described: Description) -> None:
        """Write a version's files, each of them only where there is none: the card of equal models may differ."""
        manifest, folder = described.manifest, folder_of(described.manifest.version)
        self.store.put(f"{folder}{MODEL_FILE}", model_file, if_none_match=True)
        for name, body in described.files.items():
            self.store.put(f"{folder}{name}", body, if_none_match=True)
        self.store.put(manifest_key(manifest.version), manifest.to_json(), if_none_match=True)

    def pointer_state(self) -> PointerState:
        """Read current.json, damaged or not."""
        return read_pointer(self.store)

    def current(self) -> Pointer | None:
        """Give the pointer, None where nothing was ever promoted. Raises DamagedPointerError."""
        state = self.pointer_state()
        if state.damage:
            raise DamagedPointerError(state.damage, hint=self._remedy())
        return state.pointer

    def promote(self, version: str, by: str, seen: PointerState) -> Pointer:
        """Put a published version in service, provided that current.json is still as seen. Raises LostRaceError."""
        previous = seen.pointer.version if seen.pointer else None
        return swap_pointer(self.store, seen, version, by, previous)

    def take_back(self, promoted: Pointer, before: Pointer) -> None:
        """Undo a promotion: put back what was there before, as it was, provided that nobody promoted since.

        Raises LostRaceError.
        """
        seen = self.pointer_state()
        if seen.pointer != promoted:
            raise LostRaceError(
                f"current.json does not name {promoted.version} any more: it was left as it is",
                hint="The version that was chosen meanwhile is the one in service",
            )
        write_pointer(self.store, seen, before)

    def roll_back(self, version: str | None, by: str, directory: Path, seen: PointerState | None = None) -> Pointer:
        """Put an earlier version back in service, by default the previous one, after checking that it loads.

        `seen`: what current.json is known to be; by default it is read. Raises BadSettingsError where there is no such
        version, DamagedModelError where it does not load, LostRaceError where current.json is not as seen.
        """
        seen = seen or self.pointer_state()
        target = version or (seen.pointer.previous if seen.pointer else None)
        if target is None:
            raise BadSettingsError("there is no previous version to roll back to", hint=self._remedy())
        if not is_version(target):
            raise BadSettingsError(f"{target[:60]!r} is no version", hint=self._remedy())
        if seen.pointer and target == seen.pointer.version:
            raise BadSettingsError(f"{target} is in service already", hint=self._remedy())
        try:
            self.load(target, directory)
        except ObjectMissingError:
            raise BadSettingsError(f"there is no version {target!r}", hint=self._remedy()) from None
        return self.promote(target, by, seen)

    def prune(self, keep: int, in_use: Collection[str] = (), now: datetime | None = None) -> Pruned:
        """Remove old versions, and what unfinished work left behind.

        Kept are the newest `keep` that the gate accepted, the newest `keep` of the others, the current, the previous,
        and those in use. Raises DamagedPointerError where it is not known which version is in service.
        """
        pointer = self.current()
        used = {*in_use, pointer.version, pointer.previous or ""} if pointer else {*in_use}
        versions = [summary.version for summary in self.versions()]
        gone = prune_versions(self.store, versions, keep, used)
        return Pruned(gone, sweep(self.store, now or datetime.now(UTC)))

    def _remedy(self) -> str:
        known = [summary.version for summary in self.versions()]
        if not known:
            return "The store holds no version: train one with `python -m trainer`"
        return f"Choose one with `python -m trainer rollback VERSION`; the store holds {', '.join(known)}"


def _read_checked(path: Path, version: str, expected: FileEntry | None) -> Model:
    """Read a model file that is what the manifest says. Raises DamagedModelError, OSError."""
    found = FileEntry.of(path)
    if found != expected:
        raise DamagedModelError(
            f"{MODEL_FILE} of {version} is damaged: it should be {_describe(expected)}, it is {_describe(found)}",
            hint=_ANOTHER_VERSION,
        )
    return read_model(path)


def _describe(entry: FileEntry | None) -> str:
    return f"{entry.size} bytes with sha256 {entry.sha256[:12]}…" if entry else "in the manifest"
