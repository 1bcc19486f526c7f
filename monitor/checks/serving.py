"""Whether the API's replicas serve what is in service."""

from typing import Final

from monitor.agreement import Serving
from monitor.checks.judgement import Gauge, Judgement, failure, fine, not_judged, warning
from monitor.observation import Observation
from monitor.settings import MonitorSettings

_NO_CLUSTER: Final = not_judged("there is no cluster in which replicas could differ")
_NOT_ASKED: Final = not_judged("the cluster could not be asked")
_LOOK_AT_PODS: Final = "`kubectl describe pods` says why"


def agreement(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether current.json and the replicas' pin agree, after the monitor has seen to it."""
    serving = seen.serving
    if serving is None:
        return _NO_CLUSTER
    if serving.trouble:
        return warning(f"Whether the replicas serve the current model is not known: {serving.trouble}")
    remains = serving.healing.remains
    if remains:
        sentence = remains[0].upper() + remains[1:]
        return warning(sentence) if serving.healing.is_left_to_a_run else failure(sentence)
    return fine(f"Brought together: {serving.healing.healed}" if serving.healing.healed else "They agree")


def rollout(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether the last rollout of the API came to its end, or is on its way there."""
    serving = seen.serving
    if serving is None or serving.trouble:
        return _NO_CLUSTER if serving is None else _NOT_ASKED
    if serving.has_failed:
        return failure(f"The rollout of model {serving.expected} came to a halt: {serving.rolling}. {_LOOK_AT_PODS}")
    return fine(f"It is under way: {serving.rolling}" if serving.rolling else "The last one is done")


def replicas(seen: Observation, _limits: MonitorSettings) -> Judgement:
    """Whether the replicas are ready and answer, and each serves what it should."""
    serving = seen.serving
    if serving is None or serving.trouble:
        return _NO_CLUSTER if serving is None else _NOT_ASKED
    wrong = _wrong(serving)
    silent = [f"A replica that is ready did not answer the monitor: {silence}" for silence in serving.silent]
    others = [*silent, *(f"{missing}: {_LOOK_AT_PODS}" for missing in serving.missing)]
    found = Gauge(len(wrong) + len(others), 0, "replicas")
    if wrong:
        return found.fail("; ".join([*wrong, *others]))
    if others:
        return found.warn("; ".join(others))
    return found.ok(f"{len(serving.versions)} replicas are ready and serve {serving.expected or 'no model'}")


def _wrong(serving: Serving) -> list[str]:
    """Name the replicas that serve another version; while it rolls, those of both are as it should be."""
    if serving.rolling or serving.has_failed:
        return []
    return [
        f"{name} serves {version or 'no model'}, and should serve {serving.expected or 'none'}"
        for name, version in serving.versions.items()
        if version != serving.expected
    ]
