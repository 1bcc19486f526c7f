import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.tokens import read_tokens
from registry.files import FileStore
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, TOKEN, ServerProcess
from tests.builders import publish

Lines = Callable[[], list[dict[str, Any]]]
LABEL = read_tokens(TOKEN)[0].label


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """The audit log so far."""

    def read() -> list[dict[str, Any]]:
        found = [record for record in caplog.records if record.name == "audit"]
        names = ("who", "action", "object", "client", "outcome")
        return [{name: vars(record)[name] for name in names if name in vars(record)} for record in found]

    return read


def line(who: str, action: str, outcome: str, **more: str) -> dict[str, Any]:
    return {"who": who, "action": action, "client": "127.0.0.1", "outcome": outcome, **more}


def test_a_rollback_is_logged_with_the_tokens_name_and_so_is_its_version(
    serve: Serve, registry: Registry, lines: Lines
) -> None:
    first, _ = publish(registry), publish(registry)
    answer = serve(admin_token=f"ann {TOKEN}").client.post("/api/model/rollback", headers=ADMIN)
    assert answer.json()["promoted_by"] == "api: ann"
    assert registry.current().promoted_by == "api: ann"  # type: ignore[union-attr]
    assert lines() == [line("ann", "rollback", "done", object=f"to {first}")]


def test_a_change_that_failed_is_logged_with_why(serve: Serve, registry: Registry, lines: Lines) -> None:
    publish(registry)
    server = serve()
    missing = "20200101T000000Z-00000000"
    server.client.post("/api/model/rollback", headers=ADMIN, json={"version": missing})
    server.client.post("/api/model/rollback", headers=ADMIN)
    server.client.post("/api/model/retrain", headers=ADMIN)
    assert lines() == [
        line(LABEL, "rollback", "version_not_found", object=f"to {missing}"),
        line(LABEL, "rollback", "failed with BadSettingsError", object="to the previous version"),
        line(LABEL, "retrain", "trainer_unavailable"),
    ]


def test_a_retraining_is_logged_with_its_run(serve: Serve, lines: Lines) -> None:
    answer = serve(["/bin/true"]).client.post("/api/model/retrain", headers=ADMIN)
    assert lines() == [line(LABEL, "retrain", "done", object=answer.json()["run_id"])]


def test_whoever_is_not_let_in_is_logged(serve: Serve, lines: Lines) -> None:
    server = serve(admin_token="bob metrics looking", metrics_token="scraping")
    server.client.post("/api/model/retrain", headers={"Authorization": "Bearer guess"})
    server.client.post("/api/model/rollback", headers={"Authorization": "Bearer looking"})
    server.client.get("/metrics")
    serve(admin_token=None).client.post("/api/model/retrain")
    assert lines() == [
        line("nobody", "POST '/api/model/retrain'", "not_authorized"),
        line("bob", "POST '/api/model/rollback'", "role_refused"),
        line("nobody", "GET '/metrics'", "not_authorized"),
        line("nobody", "POST '/api/model/retrain'", "admin_disabled"),
    ]


def test_whoever_is_cut_off_fills_no_log(serve: Serve, lines: Lines) -> None:
    server = serve(admin_requests_per_minute=2)
    for _ in range(50):
        server.client.get("/api/model/runs/x")
    assert [entry["outcome"] for entry in lines()] == ["not_authorized"] * 2 + ["too_many_requests"]


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(serve: Serve, lines: Lines) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1"}
    for proxies in ("", "127.0.0.0/8", "127.0.0.1,192.0.2.0/24"):
        given = {"trusted_proxies": proxies} if proxies else {}
        serve(**given).client.post("/api/model/retrain", headers=forwarded)
    assert [entry["client"] for entry in lines()] == ["127.0.0.1", "192.0.2.1", "203.0.113.9"]


def test_a_forwarded_address_that_is_none_is_cut_short(serve: Serve, lines: Lines) -> None:
    server = serve(trusted_proxies="127.0.0.1")
    server.client.post("/api/model/retrain", headers={"X-Forwarded-For": "x" * 5000})
    assert len(lines()[0]["client"]) < 100


@pytest.mark.parametrize("log_format", ["json", "human"])
def test_no_log_level_hides_it_and_no_line_holds_a_token(tmp_path: Path, log_format: str) -> None:
    registry = Registry(FileStore(tmp_path / "store"))
    for _ in range(2):
        publish(registry)
    given = {"STORE_URL": (tmp_path / "store").as_uri(), "LOG_LEVEL": "ERROR", "LOG_FORMAT": log_format}
    with ServerProcess(tmp_path, given) as server:
        server.until("/readyz")
        assert server.client.post("/api/model/rollback", headers=ADMIN).status_code == 200
        server.client.post("/api/model/rollback", headers={"Authorization": f"Bearer {TOKEN}x"})
        told = server.log.splitlines()
    assert TOKEN not in server.log
    assert len(told) == 2
    if log_format == "json":
        assert [(json.loads(entry)["logger"], json.loads(entry)["who"]) for entry in told] == [
            ("audit", LABEL),
            ("audit", "nobody"),
        ]
    else:
        assert told[0].startswith("rollback to 20")
        assert f"by {LABEL} from 127.0.0.1: done" in told[0]


def test_a_fingerprint_tells_tokens_apart_and_gives_none_away() -> None:
    labels = {token.label for token in read_tokens("one, two, three, ci four")}
    assert len(labels) == 4
    assert "ci" in labels
    assert all(logging.getLogger("audit").isEnabledFor(level) for level in (logging.INFO, logging.WARNING))
    assert not {"one", "two", "three"} & labels
