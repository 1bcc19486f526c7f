"""What must hold after a point, and after the run that follows it. Each function gives what does not, in sentences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry.history import HISTORY_KEY, Outcome, Run, read_history
from registry.manifest import FileEntry
from registry.pointer import PointerState
from registry.registry import Registry
from runtime.errors import Exit, RecommenderError
from tests.faults.trainers import Ended

_MODELS: Final = "models/"
_MANIFEST: Final = "manifest.json"
_TRACES: Final = ("Traceback", "panicked", "This is a bug", "Exception ignored")
_PROMOTED_SAYS: Final = f"Outcome: {Outcome.PROMOTED}"


@dataclass(frozen=True)
class Seen:
    """What a reader sees of a store."""

    state: PointerState
    versions: list[str]
    history: list[Run]

    @property
    def current(self) -> str | None:
        return self.state.pointer.version if self.state.pointer else None

    @property
    def previous(self) -> str | None:
        return self.state.pointer.previous if self.state.pointer else None


def look(registry: Registry) -> Seen:
    """Look at a store as it is."""
    versions = [summary.version for summary in registry.versions()]
    return Seen(registry.pointer_state(), versions, read_history(registry.store))


def ending_problems(ended: Ended) -> Iterator[str]:
    """A trainer ends with an exit code of the contract, and where that is not 0 with one line that says why."""
    if ended.exit_code not in set(Exit):
        yield f"it ended with {ended.exit_code}"
    yield from (f"its log holds {trace!r}: {ended.log[-600:]}" for trace in _TRACES if trace in ended.log)
    errors = [line for line in ended.log.splitlines() if line.startswith("ERROR: ") and "Outcome" not in line]
    if ended.exit_code != Exit.DONE and errors != ended.log.splitlines()[-1:]:
        yield f"exit code {ended.exit_code} without one clear line at its end: {ended.log[-600:]}"


def store_problems(registry: Registry, before: Seen, keep: int, folder: Path) -> Iterator[str]:
    """Whatever happened: a current model that loads, whole versions, none lost, and no run forgotten."""
    after = look(registry)
    if after.state.damage:
        yield after.state.damage
    if before.current and not after.current:
        yield "there is no current model any more"
    if after.current:
        yield from _loading_problems(registry, after.current, folder)
    for version in after.versions:
        yield from _wholeness_problems(registry, version)
    yield from (f"{version} was lost" for version in _to_stay(before, after, keep) if version not in after.versions)
    yield from _history_problems(registry, before, after)


def _to_stay(before: Seen, after: Seen, keep: int) -> set[str]:
    """Give the versions of before that no run may remove: a new one takes the place of the oldest of those kept."""
    kept = before.versions[-keep:]
    room = kept[1:] if len(kept) == keep and set(after.versions) - set(before.versions) else kept
    named = {before.current, *({before.previous} if after.current == before.current else ())}
    return {*room, *(version for version in named if version)}


def next_run_problems(registry: Registry, between: Seen, ended: Ended) -> Iterator[str]:
    """The next run promotes a new model, and what was current before it is the previous one."""
    yield from ending_problems(ended)
    after = look(registry)
    if ended.exit_code != Exit.DONE or _PROMOTED_SAYS not in ended.log:
        yield f"the next run promoted nothing, and ended with {ended.exit_code}: {ended.log[-600:]}"
    elif after.current is None or after.current in between.versions:
        yield f"the next run left {after.current} in service, which is not new"
    elif after.previous != between.current:
        yield f"the next run made {after.previous} the previous version, it was {between.current}"
    elif not after.history or (after.history[-1].outcome, after.history[-1].version) != ("promoted", after.current):
        yield "the next run is not in the history"


def orphan_problems(registry: Registry, leftovers: Iterable[str]) -> Iterator[str]:
    """Nothing is left that belongs to no version: neither objects nor what only a backend sees."""
    whole = {summary.version for summary in registry.versions()}
    for info in registry.store.list(_MODELS):
        version, _, name = info.key.removeprefix(_MODELS).partition("/")
        if version not in whole or (name != _MANIFEST and name not in registry.manifest(version).files):
            yield f"{info.key} belongs to no version"
    yield from (f"{leftover} was left behind" for leftover in leftovers)


def _loading_problems(registry: Registry, version: str, folder: Path) -> Iterator[str]:
    try:
        registry.load(version, folder)
    except RecommenderError as error:
        yield f"the current model does not load: {error}"


def _wholeness_problems(registry: Registry, version: str) -> Iterator[str]:
    try:
        for name, entry in registry.manifest(version).files.items():
            if FileEntry.of_bytes(registry.store.get(f"{_MODELS}{version}/{name}").body) != entry:
                yield f"{name} of {version} is not what its manifest says"
    except RecommenderError as error:
        yield f"{version} is not whole: {error}"


def _history_problems(registry: Registry, before: Seen, after: Seen) -> Iterator[str]:
    if after.history[: len(before.history)] != before.history:
        yield f"{HISTORY_KEY} lost entries: {len(before.history)} before, {len(after.history)} now"
    for info in registry.store.list(HISTORY_KEY):
        if info.key != HISTORY_KEY:
            yield f"{info.key} tells of damage"
