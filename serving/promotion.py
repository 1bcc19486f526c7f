"""A trained version comes into service: current.json first, then the replicas; and out again where they do not do."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Never

from cluster.errors import RolloutFailedError, SupersededError
from model.golden import GoldenAnswer
from registry.pointer import LostRaceError, Pointer, PointerState
from registry.registry import Registry
from runtime.errors import Exit, RecommenderError
from serving.agreement import agree
from serving.replicas import Replicas

log = logging.getLogger(__name__)

_LOOK_FIRST: Final = "The version is kept in the store: find out what was wrong before it is tried again"
_NO_WAY_BACK: Final = "It is the first model, so there is none to go back to: current.json goes on naming it"


class RolledBackError(RecommenderError):
    """A version was in service and had to be taken out again: a retry would do no better."""

    exit_code = Exit.ROLLED_BACK


@dataclass(frozen=True)
class Promotion:
    """What current.json was made to say, and what it said before."""

    pointer: Pointer
    before: PointerState


def promote(registry: Registry, version: str, by: str, champion: PointerState) -> Promotion:
    """Point at a version, provided that current.json is still as seen. Raises LostRaceError."""
    return Promotion(registry.promote(version, by, champion), champion)


def roll_out(
    registry: Registry,
    replicas: Replicas,
    promotion: Promotion,
    golden: tuple[GoldenAnswer, ...],
    check: Callable[[], None],
) -> None:
    """Bring a version that was promoted to all replicas; where they fail with it, put back what was before.

    `check` raises where this process may write no more, and then nothing is written. Raises RolledBackError;
    RolloutFailedError for a first model, which nothing was before; SupersededError where somebody else chose another
    version meanwhile, which stays. Where the cluster refuses the rollout or is gone, current.json is put back and its
    error raised.
    """
    try:
        replicas.roll_out(promotion.pointer.version, golden, check)
    except SupersededError:
        check()
        settle(registry, replicas)
        raise
    except RolloutFailedError as failure:
        check()
        _roll_back(registry, replicas, promotion, failure, check)
    except RecommenderError as refusal:
        check()
        _take_back(registry, replicas, promotion, refusal)
        settle(registry, replicas)
        raise
    check()
    _see_that_it_stays(registry, replicas, promotion)


def settle(registry: Registry, replicas: Replicas) -> None:
    """Bring pointer and pin together; where that fails, the monitor does it later."""
    try:
        mended = agree(registry, replicas, "the trainer")
    except RecommenderError as error:
        log.warning("current.json and the replicas may differ, which the monitor mends: %s", error)
        return
    if mended:
        log.warning(mended)


def _roll_back(
    registry: Registry, replicas: Replicas, promotion: Promotion, failure: RolloutFailedError, check: Callable[[], None]
) -> Never:
    version, before = promotion.pointer.version, promotion.before.pointer
    if before is None:
        # There is no swap to nothing: to delete current.json would also delete what somebody else promoted meanwhile,
        # and a shop without any model is worse off than with one that differs.
        raise RolloutFailedError(failure.message, hint=_NO_WAY_BACK) from None
    _take_back(registry, replicas, promotion, failure)
    log.warning("%s. Going back to %s", failure.message, before.version, extra={"version": before.version})
    check()
    try:
        replicas.put_back(before.version, version, check)
        ended = f"model {before.version} serves again"
    except RecommenderError as trouble:
        ended = f"current.json names {before.version} again, but not all replicas serve it: {trouble.message}"
    raise RolledBackError(f"{failure.message}; {ended}", hint=_LOOK_FIRST) from None


def _take_back(registry: Registry, replicas: Replicas, promotion: Promotion, failure: RecommenderError) -> None:
    """Put current.json back; where somebody changed it meanwhile or the store fails, the failure says so too."""
    if promotion.before.pointer is None:
        return
    try:
        registry.take_back(promotion.pointer, promotion.before.pointer)
    except LostRaceError as lost:
        settle(registry, replicas)
        raise SupersededError(f"{failure.message}; {lost.message}", hint=lost.hint) from None
    except RecommenderError as trouble:
        failure.message = f"{failure.message}; and current.json could not be put back: {trouble.message}"
        raise failure from None


def _see_that_it_stays(registry: Registry, replicas: Replicas, promotion: Promotion) -> None:
    """See that nobody moved current.json before we pinned the replicas: their pin came too early, and theirs holds."""
    try:
        found = registry.pointer_state().pointer
    except RecommenderError as error:
        log.warning("Whether current.json still names %s is not known: %s", promotion.pointer.version, error)
        return
    if found != promotion.pointer:
        settle(registry, replicas)
        raise SupersededError(
            f"current.json was changed while model {promotion.pointer.version} was rolled out",
            hint="The version that was chosen meanwhile is the one in service",
        )
