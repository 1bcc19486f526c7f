"""One run of the trainer, step by step."""

import logging
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from model.golden import golden_answers
from model.model import Model
from registry.erasures import Erasures
from registry.history import Outcome, Run, read_history
from registry.manifest import Manifest
from registry.registry import Registry
from registry.settings import open_store
from runtime.errors import RecommenderError
from serving.promotion import promote, roll_out
from trainer.backfill import known_at
from trainer.candidate import Background, Candidate, make_candidate
from trainer.catalogue import load_catalogue
from trainer.champion import Found, champion_in_service
from trainer.compiling import compile_ahead
from trainer.erased_users import LeftOut, without_erased
from trainer.events import Events
from trainer.help import help_for
from trainer.memory import return_memory_early
from trainer.model_trainer import ModelTrainer, load_trainer
from trainer.planning.fit_check import fitting_scratch
from trainer.platform import Platform, RunLock
from trainer.platform_choice import platform_of
from trainer.publishing import publish
from trainer.reading.extract import Read, extract
from trainer.recording import record, run_of, unfinished_run
from trainer.run_log import RunLog, kept_log
from trainer.settings import TrainerSettings
from trainer.step_clock import StepClock

log = logging.getLogger(__name__)

_BANNER = {"banner": True}


@dataclass
class _Session:
    """What all steps of a run share, and the version that it made, once there is one."""

    trainer: ModelTrainer
    registry: Registry
    platform: Platform
    lock: RunLock
    clock: StepClock
    published: Manifest | None = None

    @property
    def settings(self) -> TrainerSettings:
        return self.trainer.settings


def train_once(settings: TrainerSettings) -> Run:
    """Run the pipeline: lock, read, evaluate, build, validate, judge, publish, promote, roll out, prune, record.

    Raises RecommenderError where the run ends without a verdict; the store is sound in any case.
    """
    return_memory_early()
    with kept_log(settings) as kept:
        log.info("STARTING MODEL TRAINING PIPELINE", extra=_BANNER)
        trainer = load_trainer(settings)
        registry, platform, clock = Registry(open_store(settings)), platform_of(settings), StepClock()
        with platform.lock() as lock:
            run = _recorded(_Session(trainer, registry, platform, lock, clock), kept)
        _report_end(clock, run)
    return run


def _recorded(session: _Session, kept: RunLog) -> Run:
    """Train, and leave an entry in the history, to which the log belongs, however it ends."""
    registry = session.registry
    try:
        run = _train(session)
    except BaseException as error:
        unfinished = unfinished_run(session.clock, error, session.published)
        kept.belongs_to(registry.store, unfinished)
        record(registry, unfinished)
        raise
    kept.belongs_to(registry.store, run)
    record(registry, run)
    return run


def _train(session: _Session) -> Run:
    clock, settings, registry = session.clock, session.settings, session.registry
    with ExitStack() as until_the_end:
        with clock.step("fit"):
            session.trainer.scratch = fitting_scratch(settings, registry.store)
        compile_ahead()
        with clock.step("workers"):
            help_ = until_the_end.enter_context(help_for(settings, registry.store))
            session.trainer.lay_out = help_.lay_out
        with clock.step("champion"):
            found = until_the_end.enter_context(champion_in_service(registry))
            against = Background(found.champion, read_history(registry.store), datetime.now(UTC))
        with clock.step("extract"):
            events, left_out = _extracted(session, help_.read)
            against = replace(against, left_out=left_out)
        with clock.step("catalogue"):
            catalogue = load_catalogue(settings, events[0].products, session.trainer.scratch)
        candidate = make_candidate(session.trainer, events, against, clock, catalogue)
        with clock.step("publish"):
            session.lock.check()
            manifest = publish(registry, candidate, against.history, clock.seconds_by_step)
            session.published = manifest
            log.info("Published version %s", manifest.version, extra={"version": manifest.version})
    outcome = _outcome(settings, manifest)
    if outcome is Outcome.PROMOTED:
        _bring_into_service(session, manifest, candidate.model, found)
    else:
        _tell_why_not(outcome, candidate)
    with clock.step("prune"):
        _prune(registry, session.platform, settings.keep_versions)
    return run_of(outcome, clock, manifest, candidate.report.reason or None)


def _extracted(session: _Session, read: Read) -> tuple[list[Events], LeftOut]:
    """Give the events, in a list of which they can be taken, and whose were left out of them."""
    settings, trainer = session.settings, session.trainer
    extracted = known_at(settings.as_of, extract(settings, trainer.scratch, read))
    kept, left_out = without_erased(extracted, Erasures(session.registry.store).read())
    del extracted
    return [trainer.prepared(kept)], left_out


def _outcome(settings: TrainerSettings, manifest: Manifest) -> Outcome:
    if settings.as_of and not settings.promote:
        return Outcome.PUBLISHED
    return Outcome.PROMOTED if manifest.accepted or manifest.forced else Outcome.REJECTED


def _tell_why_not(outcome: Outcome, candidate: Candidate) -> None:
    if outcome is Outcome.PUBLISHED:
        log.info("Not promoted: a backfill goes live with --promote only")
    else:
        log.warning("Rejected, and the model in service stays. %s", candidate.report.reason)
        log.warning('To promote it all the same, train with --force "the reason"')


def _bring_into_service(session: _Session, manifest: Manifest, model: Model, found: Found) -> None:
    version, lock = manifest.version, session.lock
    with session.clock.step("promote"):
        lock.check()
        promotion = promote(session.registry, version, _promoter(manifest), found.state)
        log.info("Promoted to current model: %s", version, extra={"version": version})
    with session.clock.step("roll_out"):
        roll_out(session.registry, session.platform, promotion, golden_answers(model), lock.check)


def _promoter(manifest: Manifest) -> str:
    forced = manifest.forced
    return f"trainer, forced by {forced['by']}: {forced['reason']}" if forced else "trainer"


def _prune(registry: Registry, platform: Platform, keep: int) -> None:
    """Remove old versions. What the run was for is done by now, so that a failure here does not fail it."""
    try:
        removed = registry.prune(keep, platform.versions_in_use())
    except RecommenderError as error:
        log.warning("Old versions were not removed: %s", error)
        return
    if removed.versions:
        gone = ", ".join(removed.versions)
        log.info("Removed old versions: %s (the newest %d are kept)", gone, keep, extra={"removed": removed.versions})
    if removed.leftovers:
        swept, first = len(removed.leftovers), removed.leftovers[0]
        log.info(
            "Removed what unfinished work had left: %d objects, %s the first", swept, first, extra={"swept": swept}
        )


def _report_end(clock: StepClock, run: Run) -> None:
    log.info("Seconds by step: %s", clock.summary(), extra={"seconds_by_step": clock.seconds_by_step})
    ended = "SUCCESSFULLY" if run.outcome is Outcome.PROMOTED else f"({run.outcome.upper()})"
    log.info("TRAINING COMPLETED %s in %.1fs", ended, clock.elapsed_seconds, extra=_BANNER)
