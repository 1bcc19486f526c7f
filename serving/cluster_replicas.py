"""The replicas of the Deployment `api`."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cluster.errors import ClusterUnavailableError
from cluster.pin import Pin
from cluster.settings import ClusterSettings
from model.golden import GoldenAnswer
from runtime.errors import RecommenderError

if TYPE_CHECKING:
    from cluster.api_deployment import ApiDeployment
    from cluster.connection import Connection
    from cluster.rollout import Rollout

log = logging.getLogger(__name__)


class ClusterReplicas:
    """Connects when it is first asked: the client takes a second and 28 MB, and few servers ever need it."""

    def __init__(self, settings: ClusterSettings) -> None:
        self.settings = settings

    @cached_property
    def connection(self) -> "Connection":
        """The way to the API server. Raises NotInClusterError."""
        from cluster.connection import connect  # noqa: PLC0415

        return connect(self.settings)

    @cached_property
    def deployment(self) -> "ApiDeployment":
        """The Deployment. Raises NotInClusterError."""
        from cluster.api_deployment import ApiDeployment  # noqa: PLC0415

        settings = self.settings
        return ApiDeployment(self.connection, settings.api_deployment, settings.api_port, settings.metrics_token)

    def pin(self, version: str, cause: str) -> None:
        """Begin to restart the replicas with a version."""
        log.info("Restarting %s with model %s...", self.deployment.described, version, extra={"version": version})
        try:
            self.deployment.pin(version, cause)
        except ClusterUnavailableError:
            if not self._is_pinned_all_the_same(version):
                raise

    def repin(self, version: str, cause: str, instead_of: str | None) -> None:
        """As `pin`, provided that the replicas are still pinned to `instead_of`. Raises SupersededError."""
        self.deployment.repin(version, cause, instead_of)

    def pinned(self) -> Pin:
        """Give what the replicas are pinned to."""
        return self.deployment.status().pin

    def roll_out(self, version: str, golden: tuple[GoldenAnswer, ...], check: Callable[[], None]) -> None:
        """Restart the replicas with a version, wait until every one answers as it should, and watch them settle."""
        from cluster.settling import requests_before, watch  # noqa: PLC0415 (the client again)

        before = requests_before(self.deployment)
        self.pin(version, f"model {version}")
        rollout = self._waited_for(version, golden, check)
        if self.settings.rollout_watch_seconds:
            watch(rollout, before, self.settings.rollout_watch_seconds)

    def wait(self, version: str, golden: tuple[GoldenAnswer, ...], check: Callable[[], None]) -> None:
        """Wait until every replica answers as it should."""
        self._waited_for(version, golden, check)

    def put_back(self, version: str, instead_of: str, check: Callable[[], None]) -> None:
        """Bring back the replicas of a version; those of them that are still there go on serving."""
        log.info("Putting model %s back into %s...", version, self.deployment.described, extra={"version": version})
        self.deployment.put_back(version, f"model {version} again, {instead_of} failed", instead_of)
        self._waited_for(version, (), check)

    def tell(self, path: str, bearer: SecretStr) -> list[str]:
        """POST to a path of every replica, of all at once; give the names of those that did not take it."""
        from cluster.replica import takes  # noqa: PLC0415 (the client again)

        replicas = self.deployment.replicas()
        with ThreadPoolExecutor(len(replicas) or 1) as pool:
            taken = list(pool.map(lambda replica: takes(replica, path, bearer), replicas))
        return [replica.name for replica, was_taken in zip(replicas, taken, strict=True) if not was_taken]

    def _waited_for(self, version: str, golden: tuple[GoldenAnswer, ...], check: Callable[[], None]) -> "Rollout":
        from cluster.rollout import Expected, Rollout  # noqa: PLC0415

        rollout = Rollout(self.deployment, Expected(version, golden), check)
        n = rollout.wait(self.settings.rollout_seconds)
        log.info("%d replicas of %s serve model %s", n, self.deployment.described, version, extra={"replicas": n})
        return rollout

    def _is_pinned_all_the_same(self, version: str) -> bool:
        """Whether a write took place whose answer was lost."""
        try:
            return self.pinned().version == version
        except RecommenderError:
            return False
