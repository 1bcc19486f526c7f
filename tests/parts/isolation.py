"""Each test by itself: nothing of the developer's settings, no `.env`, no log handlers of the test before."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).parents[2]
_SETTINGS = (
    *("ADMIN_", "API_", "AWS_", "CLUSTER_", "DATABASE_", "DB_", "LOG_", "MAX_", "MEMORY_", "MIN_", "MONITOR_", "S3_"),
    *(
        "DASK",
        "DRAIN_SECONDS",
        "JOB_",
        "KUBECONFIG",
        "MODEL_VERSION",
        "NEIGHBOURS",
        "POD_",
        "PURCHASE_WEIGHT",
        "RECIPE",
    ),
    *("ROLLOUT_SECONDS", "RUNBOOK_URL", "STORE_", "TRAINER_", "TREND_RUNS", "VIEW_WEIGHT"),
)


@pytest.fixture(autouse=True)
def _own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, where processes that a test starts find the packages but no `.env`."""
    for name in [name for name in os.environ if name.startswith(_SETTINGS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("PYTHONPATH", str(_CHECKOUT))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """Put logging back as it was: commands set it up for their whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
