"""A shop's nights: each with the events that were there by then, the gate, and a store."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from registry.files import FileStore
from registry.history import Outcome, append_run, read_history
from registry.registry import Registry
from trainer.candidate import Background, Candidate, make_candidate
from trainer.champion import champion_in_service
from trainer.events import Events
from trainer.model_trainer import ModelTrainer
from trainer.publishing import publish
from trainer.recording import run_of
from trainer.settings import TrainerSettings
from trainer.step_clock import StepClock


@dataclass(frozen=True)
class Shop:
    """A shop's name, all its events, how it is trained, and where its models are."""

    name: str
    events: Events
    settings: TrainerSettings
    folder: Path

    @property
    def registry(self) -> Registry:
        return Registry(FileStore(self.folder / "store"))

    def until(self, seconds: int) -> Events:
        """Give the events up to a time in seconds since 1970 UTC, as its tables held them then."""
        return self.events.where(self.events.occurred_at <= seconds).without_unused_ids()


def judged(shop: Shop, events: Events, seconds: int) -> Candidate:
    """Make a candidate at a time out of these events, and have it judged."""
    now = datetime.fromtimestamp(seconds, UTC)
    with champion_in_service(shop.registry) as found:
        against = Background(found.champion, read_history(shop.registry.store), now)
        return make_candidate(ModelTrainer(shop.settings), [events], against, StepClock())


def night(shop: Shop, seconds: int) -> Candidate:
    """Train on what was there at a time, and promote what the gate accepts, as a run does."""
    candidate = judged(shop, shop.until(seconds), seconds)
    manifest = publish(shop.registry, candidate, read_history(shop.registry.store), {})
    outcome = Outcome.PROMOTED if manifest.accepted else Outcome.REJECTED
    if outcome is Outcome.PROMOTED:
        shop.registry.promote(manifest.version, "benchmark", shop.registry.pointer_state())
    append_run(shop.registry.store, run_of(outcome, StepClock(), manifest))
    shop.registry.prune(shop.settings.keep_versions)
    return candidate
