"""One trainer at a time in a namespace: a Lease that its holder renews, and that anybody may take once it is stale.

Jobs made by hand are outside of a CronJob's concurrencyPolicy, so that it alone cannot keep two trainers apart.

The times: a holder renews every 10 s. It counts the Lease as lost 20 s after its last renewal, and others may take it
30 s after that renewal; the 10 s between are what the clocks of two nodes may differ by. Whatever happens, the
pointer's compare-and-set lets only one of two trainers win.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from cluster.connection import WRITER, Connection, Json
from cluster.cronjob import read_cronjob, reference_to
from cluster.errors import ConflictError, NotInClusterError
from runtime.errors import RecommenderError, TryAgainError

log = logging.getLogger(__name__)

DURATION_SECONDS: Final = 30
_RENEW_SECONDS: Final = 10.0
_LOST_AFTER_SECONDS: Final = 20.0


class LeaseTakenError(TryAgainError):
    """Another holder has the Lease."""


class LeaseLostError(TryAgainError):
    """The Lease could not be renewed in time, or somebody took it."""


class Lease:
    """A Lease of a namespace, held by at most one process; made when it is first asked for, deleted with a CronJob."""

    def __init__(
        self, connection: Connection, name: str, holder: str, cronjob: str, renew_seconds: float = _RENEW_SECONDS
    ) -> None:
        self._connection, self._name, self._holder, self._cronjob = connection, name, holder, cronjob
        self._renew_seconds = renew_seconds
        self._lease: Json = {}
        self._renewed_at = 0.0
        self._loss: str | None = None
        self._released = threading.Event()

    @contextmanager
    def held(self) -> Iterator["Lease"]:
        """Hold the Lease, and renew it from a thread. Raises LeaseTakenError, which names the holder."""
        self._acquire()
        renewer = threading.Thread(target=self._keep_renewing, name="lease", daemon=True)
        renewer.start()
        try:
            yield self
        finally:
            self._released.set()
            renewer.join()
            self._release()

    def check(self) -> None:
        """Make sure that the Lease is still ours, before anything is written. Raises LeaseLostError."""
        if self._loss is None and time.monotonic() - self._renewed_at > _LOST_AFTER_SECONDS:
            self._loss = f"it was not renewed for {_LOST_AFTER_SECONDS:.0f} s"
        if self._loss is not None:
            raise LeaseLostError(
                f"{self._described} was lost: {self._loss}", hint="Nothing was written since; the next run tries again"
            )

    @property
    def _described(self) -> str:
        return f"Lease {self._connection.namespace}/{self._name}"

    def _acquire(self) -> None:
        try:
            found = self._read()
            if not _is_free(found.get("spec", {})):
                raise LeaseTakenError(
                    f"another trainer is at work: {found['spec']['holderIdentity']} holds {self._described}",
                    hint="Try again when it is done",
                )
            self._write(found, self._holder)
        except ConflictError:
            raise LeaseTakenError(
                f"another trainer took {self._described} at the same moment", hint="Try again when it is done"
            ) from None

    def _read(self) -> Json:
        """Read the Lease; where there is none, make one that nobody holds. Raises ConflictError."""
        calls, namespace = self._connection.coordination, self._connection.namespace
        try:
            return self._connection.ask(f"read {self._described}", calls.read_namespaced_lease, self._name, namespace)
        except NotInClusterError:
            owner = reference_to(read_cronjob(self._connection, self._cronjob))
            lease = {"metadata": {"name": self._name, "ownerReferences": [owner]}, "spec": {}}
            return self._connection.ask(
                f"create {self._described}", calls.create_namespaced_lease, namespace, lease, **WRITER
            )

    def _write(self, found: Json, holder: str) -> None:
        """Write a holder over the Lease as it was found. Raises ConflictError where it is not that any more."""
        asked_at, now = time.monotonic(), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        spec = found.setdefault("spec", {})
        if holder and spec.get("holderIdentity") != holder:
            spec |= {"acquireTime": now, "leaseTransitions": spec.get("leaseTransitions", 0) + 1}
        spec |= {"holderIdentity": holder, "renewTime": now, "leaseDurationSeconds": DURATION_SECONDS}
        self._lease = self._connection.ask(
            f"renew {self._described}",
            self._connection.coordination.replace_namespaced_lease,
            self._name,
            self._connection.namespace,
            found,
            **WRITER,
        )
        self._renewed_at = asked_at

    def _keep_renewing(self) -> None:
        while not self._released.wait(self._renew_seconds) and self._loss is None:
            self._renew()

    def _renew(self) -> None:
        try:
            self._write(self._lease, self._holder)
        except ConflictError:
            self._look_again()
        except RecommenderError as error:
            log.warning("%s. Trying again", error)

    def _look_again(self) -> None:
        """Tell a Lease that somebody took from one that we renewed without hearing of it, or that got a label."""
        try:
            found = self._read()
        except RecommenderError as error:
            log.warning("%s. Trying again", error)
            return
        holder = found.get("spec", {}).get("holderIdentity")
        if holder == self._holder:
            self._lease = found
        else:
            self._loss = f"{holder or 'somebody'} took it"

    def _release(self) -> None:
        """Let the next trainer begin at once; where that fails, the Lease runs out by itself."""
        if self._loss is not None:
            return
        try:
            self._write(self._lease, "")
        except RecommenderError as error:
            log.warning("%s was not released, and runs out in %d s: %s", self._described, DURATION_SECONDS, error)


def _is_free(spec: Json) -> bool:
    """Whether nobody holds a Lease, or its holder has not renewed it for as long as it lasts."""
    if not spec.get("holderIdentity") or "renewTime" not in spec:
        return True
    lasts = timedelta(seconds=spec.get("leaseDurationSeconds", DURATION_SECONDS))
    return datetime.now(UTC) > datetime.fromisoformat(spec["renewTime"]) + lasts
