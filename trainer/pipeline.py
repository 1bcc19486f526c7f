"""One run of the trainer, step by step."""

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from model.errors import DamagedModelError
from model.golden import golden_answers
from model.ids import Ids
from model.model import Histories, Model
from registry.history import Outcome, Run, append_run
from registry.manifest import Manifest
from registry.objects import ObjectMissingError
from registry.pointer import PointerState
from registry.registry import Registry
from registry.settings import open_store
from runtime.errors import RecommenderError
from serving.promotion import promote, roll_out
from trainer.events import Events
from trainer.extract import extract
from trainer.memory import return_memory_early, return_memory_now
from trainer.model_trainer import ModelTrainer, load_trainer
from trainer.outcomes import outcome_of
from trainer.platform import Platform, RunLock
from trainer.platform_choice import platform_of
from trainer.publishing import TrainingData, publish
from trainer.settings import TrainerSettings
from trainer.step_clock import StepClock
from trainer.validation import validate

if TYPE_CHECKING:
    import scipy.sparse as sp

log = logging.getLogger(__name__)

_BANNER = {"banner": True}


def train_once(settings: TrainerSettings) -> Run:
    """Run the pipeline: lock, read, build, validate, publish, promote, roll out, prune, record.

    Raises RecommenderError where the run ends without a new model in service; the store is sound in any case.
    """
    return_memory_early()
    log.info("STARTING MODEL TRAINING PIPELINE", extra=_BANNER)
    trainer = load_trainer(settings)
    registry, platform, clock = Registry(open_store(settings)), platform_of(settings), StepClock()
    with platform.lock() as lock:
        try:
            manifest = _put_new_model_in_service(trainer, registry, platform, lock, clock)
        except BaseException as error:
            _record_unfinished(registry, clock, error)
            raise
        run = _entry(Outcome.PROMOTED, clock, manifest)
        _record(registry, run)
    _report_end(clock)
    return run


def _put_new_model_in_service(
    trainer: ModelTrainer, registry: Registry, platform: Platform, lock: RunLock, clock: StepClock
) -> Manifest:
    with clock.step("champion"):
        champion = _champion(registry)
    with clock.step("extract"):
        events = trainer.prepared(extract(trainer.settings))
        data = TrainingData(events.until, events.counts)
    with clock.step("matrix"):
        products, users, user_items = _matrix(events)
        del events  # the largest thing in memory, and not needed any more
        return_memory_now()
    with clock.step("build"):
        model = _build(trainer, products, users, user_items)
    with clock.step("validate"):
        _validate(model, trainer.settings)
    with clock.step("publish"):
        lock.check()
        golden = golden_answers(model)
        manifest = publish(registry, model, data, trainer.settings)
        log.info("Published version %s", manifest.version, extra={"version": manifest.version})
    with clock.step("promote"):
        lock.check()
        promotion = promote(registry, manifest.version, "trainer", champion)
        log.info("Promoted to current model: %s", manifest.version, extra={"version": manifest.version})
    with clock.step("roll_out"):
        roll_out(registry, platform, promotion, golden, lock.check)
    with clock.step("prune"):
        _prune(registry, platform, trainer.settings.keep_versions)
    return manifest


def _champion(registry: Registry) -> PointerState:
    """Look at the model in service; one that is damaged is reported, and replaced by this run."""
    state = registry.pointer_state()
    if state.pointer:
        try:
            registry.manifest(state.pointer.version)
        except (ObjectMissingError, DamagedModelError) as error:
            state = PointerState(etag=state.etag, damage=f"the current model cannot be used: {error}")
    if state.pointer:
        log.info("Current model kept: %s", state.pointer.version, extra={"version": state.pointer.version})
    elif state.damage:
        log.warning("No current model: %s. This run will replace it", state.damage)
    else:
        log.info("No current model yet: this is the first")
    return state


def _matrix(events: Events) -> tuple[Ids, Ids, "sp.csr_matrix"]:
    from trainer.matrix import build_user_items  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)

    log.info("Building interaction matrix...")
    user_items = build_user_items(events)
    n_users, n_products = user_items.shape
    sparsity = 1 - user_items.nnz / (n_users * n_products)
    log.info("Matrix shape: %s (users x products)", (n_users, n_products), extra={"n_interactions": user_items.nnz})
    log.info("Sparsity: %.2f%%", 100 * sparsity, extra={"sparsity": sparsity})
    return events.products, events.users, user_items


def _build(trainer: ModelTrainer, products: Ids, users: Ids, user_items: "sp.csr_matrix") -> Model:
    from trainer.matrix import item_popularity  # noqa: PLC0415

    log.info("Calculating similarity matrix...")
    log.info("Applying co-occurrence filter (threshold: %d)...", trainer.settings.min_co_occurrence)
    neighbours = trainer.neighbours(user_items)
    density = neighbours.density
    log.info("Similarity density: %.2f%%", 100 * density, extra={"n_pairs": neighbours.n_pairs, "density": density})
    histories = Histories(user_items.indptr.astype("int64"), user_items.indices, user_items.data)
    return Model(products, users, neighbours, histories, item_popularity(user_items))


def _validate(model: Model, settings: TrainerSettings) -> None:
    log.info("Validating model...")
    for warning in validate(model, settings):
        log.warning(warning)
    log.info("Model validation passed")


def _prune(registry: Registry, platform: Platform, keep: int) -> None:
    """Remove old versions. The new model is in service by now, so that a failure here does not fail the run."""
    try:
        gone = registry.prune(keep, platform.versions_in_use())
    except RecommenderError as error:
        log.warning("Old versions were not removed: %s", error)
        return
    if gone:
        log.info("Removed old versions: %s (the newest %d are kept)", ", ".join(gone), keep, extra={"removed": gone})


def _entry(outcome: Outcome, clock: StepClock, manifest: Manifest | None = None, reason: str | None = None) -> Run:
    metrics: dict[str, Any] = dict(manifest.metrics) if manifest else {}
    return Run(
        timestamp=datetime.now(UTC),
        outcome=outcome,
        duration_seconds=round(clock.elapsed_seconds, 3),
        version=manifest.version if manifest else None,
        reason=reason,
        trained_at=manifest.created_at if manifest else None,
        seconds_by_step=clock.seconds_by_step,
        **metrics,
    )


def _record_unfinished(registry: Registry, clock: StepClock, error: BaseException) -> None:
    _record(registry, _entry(outcome_of(error), clock, reason=str(error) or type(error).__name__))


def _record(registry: Registry, run: Run) -> None:
    """Add the run to the history. Where that fails, the run's own outcome matters more, so it is only logged."""
    try:
        append_run(registry.store, run)
    except RecommenderError as error:
        log.warning("This run is missing in the history: %s", error)
    extra = {"event": "run_finished", "outcome": run.outcome.value, "version": run.version}
    log.log(logging.INFO if run.outcome is Outcome.PROMOTED else logging.ERROR, "Outcome: %s", run.outcome, extra=extra)


def _report_end(clock: StepClock) -> None:
    log.info("Seconds by step: %s", clock.summary(), extra={"seconds_by_step": clock.seconds_by_step})
    log.info("TRAINING COMPLETED SUCCESSFULLY in %.1fs", clock.elapsed_seconds, extra=_BANNER)
