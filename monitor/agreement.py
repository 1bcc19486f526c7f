"""What the API's pin and replicas say beside current.json, in a cluster; and how the monitor brings them together."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cluster.errors import (
    ClusterRefusedError,
    ClusterUnavailableError,
    ConflictError,
    NotInClusterError,
    SupersededError,
)
from model.errors import DamagedModelError
from model.golden import GoldenAnswer
from monitor.settings import MonitorSettings
from registry.objects import ObjectMissingError
from registry.pointer import LostRaceError
from registry.registry import Registry
from runtime.errors import RecommenderError
from serving.agreement import agree, standing
from serving.cluster_replicas import ClusterReplicas

if TYPE_CHECKING:
    from cluster.api_deployment import RolloutStatus
    from cluster.replica import Replica

log = logging.getLogger(__name__)

_BY_HAND: Final = "`python -m trainer rollback VERSION` brings them together"
_MINUTE: Final = timedelta(minutes=1)
# One that replaces another may have to load its image first.
_LONGEST_START: Final = _MINUTE


@dataclass(frozen=True)
class Healing:
    """What became of a disagreement: `healed` says how it ended, `remains` what is left of it; both empty: none.

    `is_left_to_a_run`: a run of the trainer is under way, which sees to it.
    """

    healed: str = ""
    remains: str = ""
    is_left_to_a_run: bool = False


@dataclass(frozen=True)
class Serving:
    """The pin, the version by which each replica that is ready answers, and how far a rollout is (empty: done).

    `expected`: what the replicas should answer with. `trouble`: why the cluster could not be asked. `silent`: why a
    replica that is ready did not answer the monitor. `missing`: the replicas that are not ready, or not there, though
    no rollout is under way. `wrong`: golden answers that are not what the model says.
    """

    expected: str | None = None
    pinned: str | None = None
    versions: Mapping[str, str | None] = field(default_factory=dict)
    rolling: str = ""
    has_failed: bool = False
    healing: Healing = Healing()
    silent: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    trouble: str = ""


def observe_serving(registry: Registry, settings: MonitorSettings) -> Serving | None:
    """Look at pointer, pin and replicas, after bringing the first two together where they differ; None: no cluster.

    Raises StoreUnavailableError, StoreRefusedError.
    """
    if settings.cluster_namespace is None:
        return None
    replicas = ClusterReplicas(settings)
    try:
        return _look(registry, replicas, heal(registry, replicas, settings))
    except (ClusterUnavailableError, ClusterRefusedError, NotInClusterError, ConflictError) as error:
        return Serving(trouble=str(error))


def heal(registry: Registry, replicas: ClusterReplicas, settings: MonitorSettings) -> Healing:
    """Bring pointer and pin together, unless a run of the trainer is at it or MONITOR_HEAL says not to."""
    from cluster.lease import Lease, LeaseTakenError  # noqa: PLC0415 (the client takes 0.3 s to import)

    found = standing(registry, replicas)
    if found.agrees:
        return Healing()
    if not settings.monitor_heal:
        return Healing(remains=f"{found}, and MONITOR_HEAL is off. {_BY_HAND}")
    lease = Lease(replicas.connection, settings.trainer_lease, settings.pod_name, settings.trainer_cronjob)
    try:
        with lease.held():
            done = agree(registry, replicas, "the monitor")
    except LeaseTakenError as taken:
        return Healing(remains=f"{found}. It is left to the run under way: {taken.message}", is_left_to_a_run=True)
    except (LostRaceError, SupersededError) as changed:
        return Healing(remains=f"{found}, and is changing: {changed.message}", is_left_to_a_run=True)
    if not done:
        return Healing(remains=f"{found}, and current.json names no version that loads. {_BY_HAND}")
    log.warning(done, extra={"event": "healed"})
    _record(replicas, done)
    return Healing(healed=done)


def _look(registry: Registry, replicas: ClusterReplicas, healing: Healing) -> Serving:
    status, pointer = replicas.deployment.status(), registry.pointer_state().pointer
    expected = status.pin.version or (pointer.version if pointer else None)
    there = replicas.deployment.replicas()
    answers = _ask([replica for replica in there if replica.is_ready], registry, expected)
    return Serving(
        expected=expected,
        pinned=status.pin.version,
        versions=answers.versions,
        rolling="" if status.is_over else str(status),
        has_failed=status.has_failed,
        healing=healing,
        silent=tuple(answers.silent),
        missing=_missing(status, there, datetime.now(UTC)) if status.is_over else (),
        wrong=tuple(answers.wrong),
    )


def _missing(status: "RolloutStatus", there: "list[Replica]", at: datetime) -> tuple[str, ...]:
    """Tell of the replicas that have not been ready for longer than a start takes, and of those that are not there."""
    waiting = [(one.name, at - one.changed_at) for one in there if one.changed_at and not one.is_ready]
    told = [f"{name} is not ready, for {since // _MINUTE} min now" for name, since in waiting if since > _LONGEST_START]
    n_absent = status.wanted - len(there)
    return (*told, f"{n_absent} of {status.wanted} replicas are not there") if n_absent > 0 else tuple(told)


@dataclass
class _Answers:
    """What the replicas answered so far."""

    versions: dict[str, str | None] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def _ask(replicas: "list[Replica]", registry: Registry, expected: str | None) -> _Answers:
    """Ask each replica for its version, and those of the right one for its golden answers."""
    from cluster.golden_check import wrong_answer  # noqa: PLC0415 (the client again)

    answers, golden = _Answers(), _golden(registry, expected)
    for replica in replicas:
        try:
            version = answers.versions[replica.name] = replica.served_version()
            difference = wrong_answer(replica, version, golden) if version and version == expected else None
        except RecommenderError as error:
            answers.silent.append(error.message)
        else:
            answers.wrong += [difference] if difference else []
    return answers


def _golden(registry: Registry, version: str | None) -> tuple[GoldenAnswer, ...]:
    """Give what a version's manifest says that it answers; nothing where that cannot be read."""
    try:
        return registry.manifest(version).golden if version else ()
    except (ObjectMissingError, DamagedModelError):
        return ()


def _record(replicas: ClusterReplicas, done: str) -> None:
    """Tell on the trainer's CronJob what was healed. Where that fails, the healing matters more."""
    from cluster.events import EventType, record_event  # noqa: PLC0415 (the client again)

    connection, settings = replicas.connection, replicas.settings
    try:
        record_event(connection, settings.trainer_cronjob, settings.pod_name, EventType.NORMAL, "ServingHealed", done)
    except RecommenderError as error:
        log.warning("The CronJob has no Event of this: %s", error)
