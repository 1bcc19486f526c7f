import httpx
import pytest

from tests.api.conftest import Serve
from tests.api.live import ThreadServer


@pytest.fixture
def named(serve: Serve) -> ThreadServer:
    return serve(trusted_hosts="shop.example.com, *.internal")


def asked(server: ThreadServer, host: str, path: str = "/api/model/versions") -> httpx.Response:
    return server.client.get(path, headers={"Host": host})


@pytest.mark.parametrize("host", ["shop.example.com", "SHOP.example.com:8000", "api.ns.internal", "127.0.0.1:8000"])
def test_a_name_that_is_trusted_and_the_servers_own_address_are_served(named: ThreadServer, host: str) -> None:
    assert asked(named, host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example.com", "shop.example.com.evil.com", "internal", "xinternal", "", "192.0.2.1", "127.0.0.1.evil.com",
     "[::1]:8000", "[", "]", "shop.example.com, evil.com", "x" * 5000],
)  # fmt: skip
def test_any_other_name_is_a_problem(named: ThreadServer, host: str) -> None:
    answer = asked(named, host)
    assert (answer.status_code, answer.json()["code"]) == (400, "host_refused")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(answer.content) < 500


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_name(named: ThreadServer, path: str) -> None:
    named.until_ready()
    assert asked(named, "evil.example.com", path).status_code == 200


def test_by_default_every_name_is_served(serve: Serve) -> None:
    assert asked(serve(), "evil.example.com").status_code == 200
