"""The way to the API server: a pod's service account, or a kubeconfig.

Objects are taken and given as the API server writes them, in JSON, not as the client's classes: a Job made of a CronJob
must keep the fields that are newer than the client.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from kubernetes import client, config
from kubernetes.config.config_exception import ConfigException

from cluster.client_errors import cluster_errors
from cluster.errors import NotInClusterError
from cluster.settings import ClusterSettings
from cluster.writer import FIELD_MANAGER

# Seconds to connect and to read: a pod's end must not wait for an API server that is gone.
_TIMEOUT: Final = (5, 20)
# Whose changes these are: all writes name it.
WRITER: Final = {"field_manager": FIELD_MANAGER}

Json = dict[str, Any]


@dataclass(frozen=True)
class Connection:
    """A namespace of a cluster, and the client's groups of calls."""

    api_client: client.ApiClient
    namespace: str

    @cached_property
    def apps(self) -> client.AppsV1Api:
        """Deployments and ReplicaSets."""
        return client.AppsV1Api(self.api_client)

    @cached_property
    def batch(self) -> client.BatchV1Api:
        """CronJobs and Jobs."""
        return client.BatchV1Api(self.api_client)

    @cached_property
    def core(self) -> client.CoreV1Api:
        """Pods and Events."""
        return client.CoreV1Api(self.api_client)

    @cached_property
    def coordination(self) -> client.CoordinationV1Api:
        """Leases."""
        return client.CoordinationV1Api(self.api_client)

    def ask(self, operation: str, call: Callable[..., Any], *arguments: str | Json, **options: str) -> Json:
        """Make one call of the client, and give the answer.

        Raises ClusterUnavailableError, ClusterRefusedError, NotInClusterError, ConflictError, which name the operation.
        """
        with cluster_errors(operation):
            answer = call(*arguments, _preload_content=False, _request_timeout=_TIMEOUT, **options)
            return dict(json.loads(answer.data))


def connect(settings: ClusterSettings) -> Connection:
    """Find the way to the API server; nothing is asked of it yet. Raises NotInClusterError."""
    if settings.cluster_namespace is None:
        raise NotInClusterError(
            "CLUSTER_NAMESPACE is not set: this process is in no cluster",
            hint="The chart sets it; outside, set it and KUBECONFIG",
        )
    configuration = client.Configuration()
    try:
        if settings.kubeconfig:
            config.load_kube_config(  # type: ignore[no-untyped-call]
                config_file=settings.kubeconfig, client_configuration=configuration
            )
        else:
            config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    except (ConfigException, OSError) as error:
        raise NotInClusterError(
            f"CLUSTER_NAMESPACE={settings.cluster_namespace!r} is set, but there is no way to the cluster: {error}",
            hint="Mount the service account's token (automountServiceAccountToken), or set KUBECONFIG",
        ) from None
    return Connection(client.ApiClient(configuration), settings.cluster_namespace)
