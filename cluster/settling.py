"""The time after a rollout in which the new replicas are watched: whether they stay up, and what their requests get."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cluster.api_deployment import ApiDeployment
from cluster.replica import NoAnswerError, Replica
from cluster.request_counts import RequestCounts, count_requests
from cluster.rollout import Rollout
from runtime.errors import TryAgainError

_LOOK_SECONDS: Final = 1.0


def requests_before(deployment: ApiDeployment) -> RequestCounts:
    """Count what the replicas that are ready answered so far; nothing where none can be asked."""
    try:
        replicas = deployment.replicas()
    except TryAgainError:
        return RequestCounts()
    return sum(_counts([replica for replica in replicas if replica.is_ready]).values(), RequestCounts())


def watch(rollout: Rollout, before: RequestCounts, seconds: float) -> None:
    """Watch the replicas of a rollout that is done.

    Raises RolloutFailedError where one stops being ready or restarts, or where the share of requests that fail rises
    above that of `before` (cluster.request_counts); and what Rollout.look raises.
    """
    settling = _Settling(rollout, before)
    deadline = time.monotonic() + seconds
    while True:
        found = rollout.look()
        if found:
            settling.judge(found.replicas)
        left = deadline - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(_LOOK_SECONDS, left))


class _Settling:
    """What was seen of each replica when the watch first met it."""

    def __init__(self, rollout: Rollout, before: RequestCounts) -> None:
        self._rollout, self._before = rollout, before
        self._met: dict[str, Replica] = {}
        self._counts_when_met: dict[str, RequestCounts] = {}

    def judge(self, replicas: Sequence[Replica]) -> None:
        """Compare the replicas with what they were, and their failures with those before the roll."""
        for replica in replicas:
            if replica.is_ready:
                self._met.setdefault(replica.uid, replica)
        known = [replica for replica in replicas if replica.uid in self._met]
        counts = _counts(known)
        self._counts_when_met = counts | self._counts_when_met
        for trouble in (*self._unsteady(known), *self._jumps(known, counts)):
            raise self._rollout.failure(trouble)

    def _unsteady(self, replicas: Sequence[Replica]) -> Iterator[str]:
        for replica in replicas:
            if replica.restarts > self._met[replica.uid].restarts:
                yield f"{replica.name} came up and restarted again"
            elif not replica.is_ready:
                yield f"{replica.name} came up and is not ready any more"

    def _jumps(self, replicas: Sequence[Replica], counts: Mapping[str, RequestCounts]) -> Iterator[str]:
        """Look at each replica and at all together, since they started and since the watch began."""
        names = {replica.uid: replica.name for replica in replicas}
        since_met = {uid: found - self._counts_when_met[uid] for uid, found in counts.items()}
        for one in (counts, since_met):
            every = sum(one.values(), RequestCounts())
            for name, found in [*((names[uid], found) for uid, found in one.items()), ("all replicas together", every)]:
                if found.is_jump_from(self._before):
                    yield f"{name}: {found}, and before the rollout {self._before}"


def _counts(replicas: Sequence[Replica]) -> dict[str, RequestCounts]:
    """Count the requests of each replica that can be asked."""
    counts = {}
    for replica in replicas:
        try:
            counts[replica.uid] = count_requests(replica)
        except NoAnswerError:  # whether it is up is the kubelet's to say
            continue
    return counts
