"""The model in service when a run begins."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from model.errors import DamagedModelError
from model.model import Model
from registry.manifest import Manifest
from registry.objects import ObjectMissingError
from registry.pointer import PointerState
from registry.registry import Registry

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Champion:
    """The model in service, and what is told of it."""

    manifest: Manifest
    model: Model


@dataclass(frozen=True)
class Found:
    """What the pointer said when the run began, and the champion that it named; none where there is none to use."""

    state: PointerState
    champion: Champion | None


@contextmanager
def champion_in_service(registry: Registry) -> Iterator[Found]:
    """Load the model in service for as long as the context lasts; a damaged one is told of, and replaced."""
    with tempfile.TemporaryDirectory(prefix="recommender-champion-") as folder:
        found = _look(registry, Path(folder))
        _tell(found)
        yield found


def _look(registry: Registry, folder: Path) -> Found:
    state = registry.pointer_state()
    if state.pointer is None:
        return Found(state, None)
    version = state.pointer.version
    try:
        return Found(state, Champion(registry.manifest(version), registry.load(version, folder)))
    except (ObjectMissingError, DamagedModelError) as error:
        return Found(PointerState(etag=state.etag, damage=f"the current model cannot be used: {error}"), None)


def _tell(found: Found) -> None:
    if found.champion:
        version = found.champion.manifest.version
        log.info("Current model kept: %s", version, extra={"version": version})
    elif found.state.damage:
        log.warning("No current model: %s. This run will replace it", found.state.damage)
    else:
        log.info("No current model yet: this is the first")
