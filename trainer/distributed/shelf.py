"""Staged objects on the disk of this process: fetched once, mapped into memory, written and put."""

import errno
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyarrow as pa

from registry.staging import Staging
from runtime.errors import BadSettingsError, RecommenderError, TryAgainError
from trainer.distributed.mapped import Mapped

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Shelf:
    """A folder of this process, which goes with it, for what a run has staged: Arrow files.

    Raises BadSettingsError where `folder` cannot be written to. Threads may share it: what one lets go of, another has
    mapped, or fetches anew.
    """

    def __init__(self, staging: Staging, folder: Path) -> None:
        self._staging, self._place = staging, folder
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="recommender-", dir=folder, ignore_cleanup_errors=True)
        except OSError as error:
            raise BadSettingsError(
                f"cannot write to {folder}: {error.strerror}", hint="Set SPILL_FOLDER to a folder on a disk"
            ) from None
        self._here: dict[str, Path] = {}
        self._fetching = threading.RLock()
        self.bytes_fetched = self.bytes_put = 0

    @property
    def run(self) -> str:
        """The run whose staging this is."""
        return self._staging.run

    def close(self) -> None:
        """Remove the folder; what is mapped from it stays readable for who has it."""
        self._folder.cleanup()

    def read(self, name: str) -> Mapped:
        """Give a staged batch, whose columns lie in the file and not in memory; the file is kept for the next time.

        That is until one of later work of its kind is read (Team.new_name): a run lays out many matrices. It
        raises ObjectMissingError, StoreUnavailableError, and TryAgainError where the disk has no room.
        """
        with self._fetching:
            if name not in self._here:
                self._forget_work_before(name)
                self._here[name] = self._fetched(name)
            return Mapped(self._here[name])

    def read_once(self, name: str) -> Mapped:
        """Give a staged batch that nobody here reads again. Raises what `read` raises."""
        with self._fetching:
            path = self._fetched(name)
            mapped = Mapped(path)
            self._discard(path)
            return mapped

    def write(self, name: str, batch: pa.RecordBatch) -> None:
        """Stage a batch, which is not kept here.

        Raises StoreUnavailableError, and TryAgainError where the disk has no room.
        """
        path = Path(self._folder.name) / f"writing-{name}"
        try:
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
                writer.write_batch(batch)
            self._staging.put(name, path)
            self.bytes_put += path.stat().st_size
        except OSError as error:
            raise self._explained(error) from None
        finally:
            path.unlink(missing_ok=True)

    def drop(self, names: Sequence[str]) -> None:
        """Remove what was staged under these names; what cannot be removed now goes with the run."""
        with suppress(RecommenderError):
            for name in names:
                self._staging.remove(name)

    def _fetched(self, name: str) -> Path:
        """Bring an object here; where the disk is full, all that was fetched before makes room for it."""
        try:
            path = self._fetch(name)
        except (OSError, TryAgainError):
            if not self._here:
                raise
            self._let_go()
            path = self._fetch(name)
        self.bytes_fetched += path.stat().st_size
        return path

    def _fetch(self, name: str) -> Path:
        try:
            return self._staging.fetch(name, Path(self._folder.name))
        except OSError as error:
            raise self._explained(error) from None

    def _forget_work_before(self, name: str) -> None:
        kind, number = name.split("-")[:2]
        for kept in [kept for kept in self._here if kept.startswith(f"{kind}-")]:
            if not kept.startswith(f"{kind}-{number}-"):
                self._discard(self._here.pop(kept))

    def _let_go(self) -> None:
        for path in self._here.values():
            self._discard(path)
        self._here.clear()

    def _discard(self, path: Path) -> None:
        """Remove a file that was copied here, which a local store's own was not."""
        if path.is_relative_to(self._folder.name):
            path.unlink(missing_ok=True)

    def _explained(self, error: OSError) -> Exception:
        if error.errno not in _FULL:
            return error
        return TryAgainError(
            f"the disk of {self._place} is full", hint="Make room there, or set SPILL_FOLDER to a larger disk"
        )
