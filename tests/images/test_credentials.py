"""boto3 in the images finds credentials on every way that a cluster offers, and nothing of them was trimmed away."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import pytest

from tests.images.containers import Image

pytestmark = pytest.mark.cluster

_FROM_ROLE: Final = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>of-the-role</AccessKeyId>
<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""
_FROM_AGENT: Final = (
    '{"AccessKeyId": "of-the-pod", "SecretAccessKey": "s", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}'
)
_PRINT_KEY: Final = """
import boto3
boto3.client("s3")
print(boto3.Session().get_credentials().get_frozen_credentials().access_key)
"""


class _Answers(BaseHTTPRequestHandler):
    """STS for whoever posts, EKS's pod identity agent for whoever gets."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(_FROM_ROLE, "text/xml")

    def do_GET(self) -> None:
        self._answer(_FROM_AGENT, "application/json")

    def _answer(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(params=["trainer_image", "api_image"])
def image(request: pytest.FixtureRequest) -> Image:
    chosen: Image = request.getfixturevalue(request.param)
    return chosen


def test_keys_from_the_environment(image: Image) -> None:
    assert _key(image, AWS_ACCESS_KEY_ID="of-the-environment", AWS_SECRET_ACCESS_KEY="s") == "of-the-environment"


def test_a_role_for_the_service_account(image: Image) -> None:
    (image.place("/tmp") / "token").write_text("signed")
    with _server() as url:
        role = {"AWS_ROLE_ARN": "arn:aws:iam::1:role/shop", "AWS_WEB_IDENTITY_TOKEN_FILE": "/tmp/token"}
        assert _key(image, AWS_ENDPOINT_URL_STS=url, **role) == "of-the-role"


def test_the_pod_identity_agent(image: Image) -> None:
    with _server() as url:
        assert _key(image, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{url}/v1/credentials") == "of-the-pod"


def _key(image: Image, **env: str) -> str:
    asked = image.run("-c", _PRINT_KEY, env={"AWS_DEFAULT_REGION": "eu-west-1", **env})
    assert asked.returncode == 0, asked.stderr
    return asked.stdout.strip()


@contextmanager
def _server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
