"""Whether there is a model in service, whole and new enough."""

from typing import Final

from monitor.checks.judgement import Gauge, Judgement, failure, fine, not_judged, warning
from monitor.observation import Observation
from monitor.settings import MonitorSettings

_GO_BACK: Final = (
    "Put a version back in service with `python -m trainer rollback VERSION`, or train: `python -m trainer`"
)


def pointer(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether current.json can be read."""
    return failure(f"{seen.pointer_damage}. {_GO_BACK}") if seen.pointer_damage else fine("current.json can be read")


def no_model(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether any model is in service."""
    if seen.pointer_damage:
        return not_judged("current.json is damaged")
    if seen.pointer is None and seen.n_versions:
        return failure(f"There is no current.json, though the store holds {seen.n_versions} versions. {_GO_BACK}")
    if seen.pointer is None:
        return failure("No model was ever promoted. Train one with `python -m trainer`")
    return fine(f"{seen.pointer.version} is in service")


def model(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether the model in service is there, has the checksums of its manifest, and loads."""
    if seen.model.damage:
        return failure(f"{seen.model.damage}. {_GO_BACK}")
    if seen.figures is None:
        return not_judged("no model is in service")
    return fine("The model has the size and the checksum of its manifest, and loads")


def golden(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether the model, and each replica that serves it, says what the model said when it was made."""
    if seen.manifest is None or seen.figures is None:
        return not_judged("no model is in service")
    if not seen.manifest.golden:
        return not_judged("its manifest holds no golden answers")
    wrong = [*([f"Loaded here, {seen.model.wrong_answer}"] if seen.model.wrong_answer else []), *seen.wrong_of_replicas]
    found = Gauge(len(wrong), 0, "wrong answers")
    if wrong:
        return found.fail(f"Not what the model said when it was made: {'; '.join(wrong)}. {_GO_BACK}")
    return found.ok(f"Asked for {len(seen.manifest.golden)} products, it says what it said when it was made")


def previous(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether the version before is still there to go back to."""
    before = seen.pointer.previous if seen.pointer else None
    if before is None:
        return not_judged("there is no version before")
    if not seen.has_previous:
        return warning(f"The previous version {before} is gone: a rollback needs the name of another")
    return fine(f"{before} is there to go back to")


def model_age(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the model in service is not too old."""
    if seen.model_age_days is None:
        return not_judged("no model is in service")
    age = Gauge(seen.model_age_days, limits.max_model_age_days, "days")
    if age.value > limits.max_model_age_days:
        return age.warn(f"Old model: {age.value:.1f} days, and MAX_MODEL_AGE_DAYS is {limits.max_model_age_days:g}")
    return age.ok(f"The model is {age.value:.1f} days old")
