"""A shop in MariaDB, a store in MinIO, and the three commands as processes: the story that a user lives through."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.api.live import ADMIN, ServerProcess, wait_until
from tests.parts.minio_server import Minio
from tests.trainer.running import train

NEW_PRODUCT = 34


@pytest.fixture
def environment(mariadb_url: str, s3_settings: str, minio: Minio) -> dict[str, str]:
    """Give the settings of a sample shop in MariaDB and a store in MinIO."""
    settings = {"DATABASE_URL": mariadb_url, "STORE_URL": s3_settings, "S3_ENDPOINT_URL": minio.endpoint_url}
    assert train("sample-shop", **settings).exit_code == 0
    return {**settings, "AWS_ACCESS_KEY_ID": minio.access_key, "AWS_SECRET_ACCESS_KEY": minio.secret_key}


@pytest.fixture
def server(tmp_path: Path, environment: dict[str, str]) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path, environment) as started:
        yield started.until("/readyz")


def ask(server: ServerProcess, path: str) -> dict[str, Any]:
    answer = server.client.get(path)
    answer.raise_for_status()
    return dict(answer.json())


def sell_a_new_product(mariadb_url: str) -> None:
    """Let sixty customers buy a product that was not there before, together with product 1."""
    with create_engine(make_url(mariadb_url)).begin() as connection:
        connection.execute(text(f"INSERT INTO products VALUES ({NEW_PRODUCT}, 'Oat biscuits', 'Baking', 4.5, 1)"))
        connection.execute(
            text("INSERT INTO orders SELECT 100000 + id, id, 'completed', NOW() FROM users WHERE id <= 60")
        )
        for product in (1, NEW_PRODUCT):
            connection.execute(text(f"INSERT INTO order_items SELECT id, {product}, 1 FROM orders WHERE id > 100000"))


def test_from_an_empty_store_to_served_recommendations_and_back(
    environment: dict[str, str], mariadb_url: str, server: ServerProcess
) -> None:
    # Nothing is trained yet: the server is ready and says so.
    assert server.client.get("/api/products/popular").json()["code"] == "model_not_trained"
    assert monitor(environment).returncode == 1

    # The first run goes live without a restart.
    assert train(**environment).exit_code == 0
    wait_until(lambda: server.answers("/api/products/popular", 200))
    first = ask(server, "/api/model")["version"]
    assert ask(server, "/api/users/1/recommendations?k=5")["model_version"] == first
    assert server.client.get(f"/api/products/{NEW_PRODUCT}/similar").status_code == 404
    assert monitor(environment).returncode == 0
    assert ask(server, "/api/health")["status"] == "HEALTHY"

    # New orders come in; a retrain by the API's own route serves the new product.
    sell_a_new_product(mariadb_url)
    started = server.client.post("/api/model/retrain", headers=ADMIN)
    assert started.status_code == 202
    run_url = started.json()["url"]
    wait_until(lambda: server.client.get(run_url, headers=ADMIN).json()["state"] != "running", 60)
    run = server.client.get(run_url, headers=ADMIN).json()
    assert (run["state"], run["outcome"]) == ("succeeded", "promoted"), run
    wait_until(lambda: ask(server, "/api/model")["version"] == run["version"])
    assert ask(server, f"/api/products/{NEW_PRODUCT}/similar?k=3")["source"] == "similar"

    # Back to the first model.
    rolled_back = server.client.post("/api/model/rollback", headers=ADMIN)
    assert rolled_back.json()["version"] == first
    wait_until(lambda: ask(server, "/api/model")["version"] == first)
    assert server.client.get(f"/api/products/{NEW_PRODUCT}/similar").status_code == 404
    versions = ask(server, "/api/model/versions")["versions"]
    assert [(one["version"], one["current"]) for one in versions] == [(run["version"], False), (first, True)]


def test_a_loaded_model_outlives_its_store(environment: dict[str, str], server: ServerProcess, minio: Minio) -> None:
    assert train(**environment).exit_code == 0
    wait_until(lambda: server.answers("/api/products/popular", 200))
    minio.stop()
    try:
        assert train(**environment).exit_code == 75
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            assert ask(server, "/api/users/7/recommendations")["items"]
        assert ask(server, "/readyz")
    finally:
        minio.start()
    before = ask(server, "/api/model")["version"]
    assert train(**environment).exit_code == 0
    wait_until(lambda: ask(server, "/api/model")["version"] != before, 30)


def monitor(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "monitor", "--action", "health"]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
