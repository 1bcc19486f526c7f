"""What is judged, one function a check: each looks at an observation and gives its findings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from monitor.observation import Observation
from monitor.settings import MonitorSettings
from registry.history import Outcome

_GO_BACK: Final = (
    "Put a version back in service with `python -m trainer rollback VERSION`, or train: `python -m trainer`"
)
_LOOK_AT_RUN: Final = "Look at the trainer's log; the model in service stays there"
_LOOK_AT_PODS: Final = "`kubectl describe pods` says why"
# The outcomes that a person should look at, in words.
_ENDED: Final = {
    Outcome.FAILED: "failed",
    Outcome.INVALID: "found invalid data",
    Outcome.REJECTED: "was rejected",
    Outcome.ROLLED_BACK: "was rolled back",
}


class Severity(StrEnum):
    """A warning leaves the model fit for service; an issue does not."""

    WARNING = "warning"
    ISSUE = "issue"


@dataclass(frozen=True)
class Finding:
    """What one check found, and for an alert the check's name, which does not change."""

    check: str
    severity: Severity
    message: str


def judge(seen: Observation, limits: MonitorSettings) -> tuple[Finding, ...]:
    """Run all checks."""
    return tuple(finding for check in CHECKS for finding in check(seen, limits))


def _a_model_is_in_service(seen: Observation, _limits: MonitorSettings) -> Iterator[Finding]:
    if seen.pointer_damage:
        yield Finding("pointer", Severity.ISSUE, f"{seen.pointer_damage}. {_GO_BACK}")
    elif seen.pointer is None:
        yield Finding("no_model", Severity.ISSUE, "No model was ever promoted. Train one with `python -m trainer`")


def _the_model_loads(seen: Observation, _limits: MonitorSettings) -> Iterator[Finding]:
    if seen.model_damage:
        yield Finding("model", Severity.ISSUE, f"{seen.model_damage}. {_GO_BACK}")


def _there_are_enough_users(seen: Observation, limits: MonitorSettings) -> Iterator[Finding]:
    if seen.figures and seen.figures.n_users < limits.min_users:
        message = f"Too few users: {seen.figures.n_users:,}, and MIN_USERS is {limits.min_users:,}"
        yield Finding("users", Severity.ISSUE, message)


def _there_are_enough_products(seen: Observation, limits: MonitorSettings) -> Iterator[Finding]:
    if seen.figures and seen.figures.n_products < limits.min_products:
        message = f"Too few products: {seen.figures.n_products:,}, and MIN_PRODUCTS is {limits.min_products:,}"
        yield Finding("products", Severity.ISSUE, message)


def _products_have_neighbours(seen: Observation, _limits: MonitorSettings) -> Iterator[Finding]:
    if seen.figures and seen.figures.similarity_density == 0:
        message = "No product has a neighbour: every answer is by popularity alone. Lower MIN_CO_OCCURRENCE"
        yield Finding("similarity", Severity.ISSUE, message)


def _the_data_is_dense_enough(seen: Observation, limits: MonitorSettings) -> Iterator[Finding]:
    if seen.figures and seen.figures.sparsity > limits.max_sparsity:
        message = f"High sparsity: {seen.figures.sparsity:.2%}, and MAX_SPARSITY is {limits.max_sparsity:.2%}"
        yield Finding("sparsity", Severity.WARNING, message)


def _the_model_is_new_enough(seen: Observation, limits: MonitorSettings) -> Iterator[Finding]:
    if seen.model_age_days is not None and seen.model_age_days > limits.max_model_age_days:
        message = f"Old model: {seen.model_age_days:.1f} days, and MAX_MODEL_AGE_DAYS is {limits.max_model_age_days:g}"
        yield Finding("model_age", Severity.WARNING, message)


def _there_is_a_way_back(seen: Observation, _limits: MonitorSettings) -> Iterator[Finding]:
    if seen.pointer and seen.pointer.previous and not seen.has_previous:
        message = f"The previous version {seen.pointer.previous} is gone: a rollback needs the name of another"
        yield Finding("previous", Severity.WARNING, message)


def _the_last_run_went_well(seen: Observation, _limits: MonitorSettings) -> Iterator[Finding]:
    if seen.last_run and seen.last_run.outcome in _ENDED:
        reason = f": {' '.join(seen.last_run.reason.split())}" if seen.last_run.reason else ""
        message = f"The last run {_ENDED[seen.last_run.outcome]}{reason}".rstrip(".")
        yield Finding("last_run", Severity.WARNING, f"{message}. {_LOOK_AT_RUN}")


def _the_history_can_be_read(seen: Observation, _limits: MonitorSettings) -> Iterator[Finding]:
    if seen.history_is_damaged:
        message = "metrics.json is damaged: the next run sets it aside and begins a new one"
        yield Finding("history", Severity.WARNING, message)


def _pointer_pin_and_replicas_agree(seen: Observation, _limits: MonitorSettings) -> Iterator[Finding]:
    if seen.serving is None:
        return
    healing = seen.serving.healing
    if seen.serving.trouble:
        message = f"Whether the replicas serve the current model is not known: {seen.serving.trouble}"
        yield Finding("agreement", Severity.WARNING, message)
    elif healing.remains:
        severity = Severity.WARNING if healing.is_left_to_a_run else Severity.ISSUE
        yield Finding("agreement", severity, healing.remains[0].upper() + healing.remains[1:])


def _replicas_serve_what_they_should(seen: Observation, _limits: MonitorSettings) -> Iterator[Finding]:
    serving = seen.serving
    if serving is None:
        return
    if serving.has_failed:
        message = f"The rollout of model {serving.expected} came to a halt: {serving.rolling}. {_LOOK_AT_PODS}"
        yield Finding("rollout", Severity.ISSUE, message)
    elif not serving.rolling:  # while it rolls, replicas of both versions are as it should be
        for name, version in serving.versions.items():
            if version != serving.expected:
                message = f"{name} serves {version or 'no model'}, and should serve {serving.expected or 'none'}"
                yield Finding("replicas", Severity.ISSUE, message)
    for silence in serving.silent:
        yield Finding("replicas", Severity.WARNING, f"A replica that is ready did not answer the monitor: {silence}")


CHECKS: Final[tuple[Callable[[Observation, MonitorSettings], Iterator[Finding]], ...]] = (
    _a_model_is_in_service,
    _the_model_loads,
    _there_are_enough_users,
    _there_are_enough_products,
    _products_have_neighbours,
    _the_data_is_dense_enough,
    _the_model_is_new_enough,
    _there_is_a_way_back,
    _the_last_run_went_well,
    _the_history_can_be_read,
    _pointer_pin_and_replicas_agree,
    _replicas_serve_what_they_should,
)
