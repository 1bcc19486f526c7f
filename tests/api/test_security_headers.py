import base64
import hashlib
import re
import socket

import pytest

from tests.api.live import ADMIN, JSON, ThreadServer

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/products/popular", 200),
        ("GET", "/healthz", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/docs/assets/swagger-ui.css", 200),
        ("POST", "/api/model/retrain", 401),
        ("GET", "/nothing", 404),
        ("DELETE", "/api/model", 405),
        ("POST", "/api/recommendations", 422),
    ],
)
def test_every_answer_has_them(shop: ThreadServer, method: str, path: str, status: int) -> None:
    answer = shop.client.request(method, path, headers=JSON)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert answer.headers["Content-Security-Policy"] == NOTHING


def test_what_is_no_http_has_them_too(shop: ThreadServer) -> None:
    with socket.create_connection(("127.0.0.1", shop.port), timeout=5) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        received = connection.recv(2000).decode().lower()
    assert all(f"{name}: {value}\r\n".lower() in received for name, value in ALWAYS.items())


@pytest.mark.parametrize("path", ["/api/model/runs/x", "/api/model/versions", "/metrics", "/api/model/nothing"])
def test_answers_to_whoever_shows_a_token_are_not_kept(shop: ThreadServer, path: str) -> None:
    assert shop.client.get(path, headers=ADMIN).headers["Cache-Control"] == "no-store"


def test_lists_may_be_kept(shop: ThreadServer) -> None:
    assert "Cache-Control" not in shop.client.get("/api/products/popular").headers


def test_the_docs_page_may_run_its_own_scripts_and_no_other(shop: ThreadServer) -> None:
    answer = shop.client.get("/docs")
    policies = answer.headers.get_list("Content-Security-Policy")
    assert len(policies) == 1
    allowed = dict(entry.strip().split(" ", 1) for entry in policies[0].split(";"))
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert len(hashes) == 1
    assert allowed["script-src"].split() == ["'self'", f"'sha256-{hashes[0]}'"]
    assert allowed["default-src"] == allowed["frame-ancestors"] == "'none'"
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
