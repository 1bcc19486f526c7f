from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from benchmarks.trainer_runs import trainer_environment

URL = make_url("mysql+pymysql://shop:p%40ss@127.0.0.1:3307/shop")


def test_run_has_the_default_settings_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MIN_CO_OCCURRENCE", "events", "DB_HOST", "LOG_FILE"):
        monkeypatch.setenv(name, "of this shell")
    environment = trainer_environment(URL, tmp_path, {"NEIGHBOURS": "7"})
    assert "of this shell" not in environment.values()
    assert environment["NEIGHBOURS"] == "7"
    assert {"PATH", "HOME"} <= environment.keys()


def test_run_has_this_database_and_a_store_of_its_own(tmp_path: Path) -> None:
    environment = trainer_environment(URL, tmp_path, {})
    assert environment["DATABASE_URL"] == "mysql+pymysql://shop:p%40ss@127.0.0.1:3307/shop"
    assert environment["STORE_URL"] == f"file://{tmp_path}/store"
