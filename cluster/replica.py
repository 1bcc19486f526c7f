"""One replica of the API, asked at its pod's own address."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, Self

from pydantic import SecretStr

from cluster.connection import Json
from cluster.pin import PIN
from runtime.errors import RecommenderError

_ANSWER_SECONDS: Final = 5.0
# Of the longest answer, that of /metrics, there are a few kilobytes.
_LONGEST_ANSWER_BYTES: Final = 4 << 20
# Whatever proxy the environment names for the way out of the cluster: pods are asked directly.
_DIRECTLY: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NoAnswerError(RecommenderError):
    """A replica did not answer, or did not answer in JSON; it may later."""


@dataclass(frozen=True)
class Replica:
    """A pod of the API at one moment, as the kubelet tells of it; no `address`: it has none yet.

    `changed_at`: since when it is ready, or is not. `metrics_token`: what its /metrics asks for, if anything.
    """

    uid: str
    name: str
    address: str
    port: int
    pinned: str | None
    is_ready: bool
    restarts: int
    changed_at: datetime | None = None
    metrics_token: SecretStr | None = None

    @classmethod
    def of(cls, pod: Json, port: int, metrics_token: SecretStr | None = None) -> Self:
        """Read a pod."""
        metadata, status = pod["metadata"], pod.get("status", {})
        ready: Json = next((one for one in status.get("conditions", []) if one["type"] == "Ready"), {})
        return cls(
            uid=metadata["uid"],
            name=metadata["name"],
            address=status.get("podIP", ""),
            port=port,
            pinned=metadata.get("annotations", {}).get(PIN),
            is_ready=ready.get("status") == "True",
            restarts=sum(one.get("restartCount", 0) for one in status.get("containerStatuses", [])),
            changed_at=datetime.fromisoformat(ready.get("lastTransitionTime") or metadata["creationTimestamp"]),
            metrics_token=metrics_token,
        )

    def served_version(self) -> str | None:
        """Ask for the version in service, None where the store holds no model yet. Raises NoAnswerError."""
        answer = self.ask_json("/readyz")
        version = answer.get("model_version") if answer else None
        return None if version is None else str(version)

    def ask_json(self, path: str) -> dict[str, Any] | None:
        """Get a JSON object; None where the replica says that there is no such thing. Raises NoAnswerError."""
        body = self.ask(path)
        if body is None:
            return None
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise NoAnswerError(f"{self.name} did not answer {path} in JSON")
        return answer

    def ask(self, path: str, bearer: SecretStr | None = None, method: str = "GET") -> bytes | None:
        """Give what a path answers; None where the replica says that nothing is (404). Raises NoAnswerError.

        `bearer`: the token to show, where the path asks for one.
        """
        if not self.address:
            raise NoAnswerError(f"{self.name} has no address")
        host = f"[{self.address}]" if ":" in self.address else self.address
        try:
            asked = urllib.request.Request(
                f"http://{host}:{self.port}{path}", headers=_authorization(bearer), method=method
            )
            with _DIRECTLY.open(asked, timeout=_ANSWER_SECONDS) as answer:
                return bytes(answer.read(_LONGEST_ANSWER_BYTES))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == HTTPStatus.NOT_FOUND:
                return None
            raise NoAnswerError(f"{self.name} answers {path} with {error.code}") from None
        except (OSError, ValueError) as error:
            raise NoAnswerError(f"{self.name} does not answer {path}: {error}") from None


def takes(replica: Replica, path: str, bearer: SecretStr) -> bool:
    """POST to a path of a replica; give whether it took it."""
    try:
        return replica.ask(path, bearer, "POST") is not None
    except NoAnswerError:
        return False


def _authorization(bearer: SecretStr | None) -> dict[str, str]:
    return {} if bearer is None else {"Authorization": f"Bearer {bearer.get_secret_value()}"}
