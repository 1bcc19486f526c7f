"""Just enough of a client for the API server: kubectl takes a tenth of a second for each question."""

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Any

from tests.cluster.site import Site


@dataclass(frozen=True)
class Answer:
    """What the API server said; status 0 where it did not."""

    status: int
    body: bytes = b""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:  # noqa: ANN401 (whatever the API server says)
        return json.loads(self.body)


def ask(site: Site, path: str, posted: object = None, seconds: float = 5) -> Answer:
    """Ask as the cluster's administrator: GET, or POST where there is something to post."""
    connection = http.client.HTTPSConnection(site.host, site.api_port, timeout=seconds, context=as_admin(site))
    method, body = ("GET", None) if posted is None else ("POST", json.dumps(posted))
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
    except (OSError, http.client.HTTPException):
        return Answer(0)
    finally:
        connection.close()


def as_admin(site: Site) -> ssl.SSLContext:
    """Give what a connection of the administrator shows of itself, and knows the API server by."""
    context = ssl.create_default_context(cafile=str(site.certificate("ca")))
    context.load_cert_chain(site.certificate("admin"), site.key("admin"))
    return context
