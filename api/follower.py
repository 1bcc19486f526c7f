"""Follows current.json: polls the store, loads a version that was promoted, and swaps it in.

A thread of its own, so that neither a slow store nor a large model holds up a request, and a daemon, so that a store
that hangs cannot hold up the end of the process.
"""

import logging
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from api.erased_users import KnownErasures
from api.kept_answers import KeptAnswers
from api.list_pieces import ProductPieces
from api.served_model import ModelService, ServedModel, ServiceState, warm_up
from api.telemetry import Telemetry
from registry.objects import ObjectMissingError
from registry.pointer import DamagedPointerError, Pointer
from registry.registry import Registry
from runtime.errors import BadSettingsError, RecommenderError, TryAgainError

log = logging.getLogger(__name__)

_LONGEST_DELAY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Wanted:
    """The version that should be in service, and the pointer that says so where it is not pinned."""

    version: str
    pointer: Pointer | None

    def missing(self) -> RecommenderError:
        """Tell that the store does not hold this version."""
        if self.pointer is None:
            return BadSettingsError(f"MODEL_VERSION={self.version} names a version that the store does not hold")
        return DamagedPointerError(f"current.json names {self.version}, which the store does not hold")


class Follower:
    """Keeps a ModelService at the version that current.json names, or at the pinned one.

    Before each look at that, `erased` learns who was erased: no model is served without.
    """

    def __init__(
        self, registry: Registry, models: ModelService, telemetry: Telemetry, poll_seconds: float, pinned: str | None
    ) -> None:
        self.erased = KnownErasures(registry.store)
        self._registry, self._models, self._telemetry = registry, models, telemetry
        self._poll_seconds, self._pinned = poll_seconds, pinned
        self._retry = Retry(poll_seconds)
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def poke(self) -> None:
        """Look at the store at once, and try again what failed before."""
        self._retry.forget()
        self.wake()

    def wake(self) -> None:
        """Look at the store at once; what failed before still waits for its time."""
        self._wake.set()

    def stop(self) -> None:
        """Look no more; a look under way is left behind where it takes long."""
        self._stopped.set()
        self._wake.set()
        self._thread.join(_STOP_SECONDS)

    def check(self) -> None:
        """Look at the store once and bring the service to what it says. Raises nothing: the state tells."""
        try:
            self.erased.look()
            wanted = self._wanted()
            if wanted is None:
                self._models.state = ServiceState(served=None, problem=None)
            elif self._retry.is_due(wanted.version):
                self._serve(wanted)
        except Exception as error:  # noqa: BLE001 (whatever happens, the model in service stays in service)
            self._report(error)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.check()
            self._telemetry.health.look()
            self._wake.wait(self._poll_seconds)
            self._wake.clear()

    def _wanted(self) -> Wanted | None:
        """Give what should be served, None where nothing was ever promoted."""
        if self._pinned is not None:
            return Wanted(self._pinned, None)
        pointer = self._registry.current()
        if pointer is not None:
            return Wanted(pointer.version, pointer)
        if self._models.state.served is not None:
            raise DamagedPointerError("current.json is gone from the store")
        return None

    def _serve(self, wanted: Wanted) -> None:
        state = self._models.state
        if state.served is not None and state.served.version == wanted.version:
            served = replace(state.served, pointer=wanted.pointer)
            if state.problem is not None:
                log.info("The store is well again; %s stays in service", served.version)
        else:
            served = self._load(wanted)
        self._models.state = ServiceState(served, problem=None)

    def _load(self, wanted: Wanted) -> ServedModel:
        started = time.perf_counter()
        try:
            served = load(self._registry, wanted, self.erased)
        except Exception:
            self._retry.failed(wanted.version)
            raise
        self._telemetry.loaded(served.version)
        log.info("Serving model %s, loaded in %.2f s", wanted.version, time.perf_counter() - started)
        return served

    def _report(self, error: Exception) -> None:
        """Say a problem once, however often it is met; a model in service stays there."""
        self._telemetry.reload_failures.inc()
        state = self._models.state
        expected = isinstance(error, RecommenderError)
        problem = str(error) if expected else f"unexpected {type(error).__name__}: {error}"
        if problem != state.problem:
            stays = f"{state.served.version} stays in service" if state.served else "no model is in service"
            log.error("%s (%s)", problem, stays, exc_info=None if expected else error)
            self._models.state = replace(state, problem=problem)


class Retry:
    """When a version that did not load may be tried again: a large one is not to be downloaded at every poll."""

    def __init__(self, first_delay_seconds: float) -> None:
        self._first_delay_seconds = first_delay_seconds
        self.forget()

    def forget(self) -> None:
        """Let every version be tried at once."""
        self._version, self._due_at, self._delay_seconds = "", 0.0, self._first_delay_seconds

    def failed(self, version: str) -> None:
        """Put a version off, twice as long each time it fails."""
        if version != self._version:
            self.forget()
        self._version, self._due_at = version, time.monotonic() + self._delay_seconds
        self._delay_seconds = min(2 * self._delay_seconds, _LONGEST_DELAY_SECONDS)

    def is_due(self, version: str) -> bool:
        """Whether a version may be tried now."""
        return version != self._version or time.monotonic() >= self._due_at


def load(registry: Registry, wanted: Wanted, erased: KnownErasures) -> ServedModel:
    """Load, check and warm a version. Its file is mapped, so that its folder may go once it is open."""
    try:
        manifest = registry.manifest(wanted.version)
        with tempfile.TemporaryDirectory(prefix="recommender-model-") as directory:
            model = registry.load(wanted.version, Path(directory))
    except ObjectMissingError:
        raise wanted.missing() from None
    except OSError as error:
        message = f"{wanted.version} cannot be copied to {tempfile.gettempdir()}: {error.strerror}"
        raise TryAgainError(message, hint="Make room there, or set TMPDIR") from None
    warm_up(model)
    pieces, kept = ProductPieces(model.n_listable, model.at), KeptAnswers()
    return ServedModel(model, manifest, wanted.pointer, datetime.now(UTC), erased, pieces, kept)
