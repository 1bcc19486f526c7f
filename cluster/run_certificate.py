"""The certificates of one distributed run, in a Secret that its Job owns: who may read it may take part.

Each run has its own, which its leading pod writes over those of the run before.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cluster.connection import WRITER, Connection, Json
from cluster.errors import NotInClusterError
from cluster.own_job import OwnJob

# Kubernetes' own kind of Secret for them: it asks for tls.crt and tls.key among the files.
_TYPE: Final = "kubernetes.io/tls"


@dataclass(frozen=True)
class RunSecret:
    """A Secret of the namespace, as the pods of one Job use it."""

    connection: Connection
    name: str
    job: OwnJob

    def write(self, files: Mapping[str, str]) -> None:
        """Put the run's files there, whatever an earlier run left.

        Raises ClusterRefusedError, ClusterUnavailableError; ConflictError where another run writes at this moment.
        """
        secret = self._secret(files)
        calls, namespace = self.connection.core, self.connection.namespace
        operation = f"write {self._described}"
        try:
            self.connection.ask(operation, calls.replace_namespaced_secret, self.name, namespace, secret, **WRITER)
        except NotInClusterError:
            self.connection.ask(operation, calls.create_namespaced_secret, namespace, secret, **WRITER)

    def read(self) -> dict[str, str] | None:
        """Give the run's files; None where they are not there yet, or are those of another Job.

        Raises ClusterRefusedError, ClusterUnavailableError.
        """
        read = self.connection.core.read_namespaced_secret
        try:
            found = self.connection.ask(f"read {self._described}", read, self.name, self.connection.namespace)
        except NotInClusterError:
            return None
        if not self.job.owns(found):
            return None
        return {name: base64.b64decode(content).decode() for name, content in found.get("data", {}).items()}

    @property
    def _described(self) -> str:
        return f"Secret {self.connection.namespace}/{self.name}"

    def _secret(self, files: Mapping[str, str]) -> Json:
        return {
            "metadata": {"name": self.name, "ownerReferences": [self.job.reference()]},
            "type": _TYPE,
            "stringData": dict(files),
        }
