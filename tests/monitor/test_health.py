"""`--action health`: the report, health.json and the exit code, on real stores in every state of health."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.judging import CHECK_NAMES
from registry.files import FileStore
from registry.history import HISTORY_KEY, Outcome, Run, append_run, read_health
from registry.pointer import CURRENT_KEY
from registry.registry import Registry
from registry.s3 import S3Store
from tests.builders import publish
from tests.monitor.conftest import Command, a_shop
from tests.parts.minio_server import Minio
from tests.parts.small_disk import SmallDisk

AS_JSON = ("--action", "health", "--format", "json")


def fail_a_run(registry: Registry) -> None:
    run = Run(timestamp=datetime.now(UTC), outcome=Outcome.FAILED, duration_seconds=1.5, reason="the database is down")
    append_run(registry.store, run)


def test_healthy_model_is_reported_with_all_its_figures(monitor: Command, registry: Registry) -> None:
    version = publish(registry, a_shop())
    ended = monitor(*AS_JSON)
    assert ended.exit_code == 0
    report = ended.report
    assert (report["status"], report["model_version"]) == ("HEALTHY", version)
    assert (report["n_users"], report["n_products"], report["n_interactions"]) == (60, 12, 180)
    assert report["sparsity"] == pytest.approx(0.75)
    assert report["similarity_density"] == pytest.approx(24 / 132)
    assert report["avg_similarity"] == pytest.approx(0.5)
    assert 0 <= report["model_age_days"] < 0.01
    assert (report["last_run"], report["warnings"], report["issues"]) == (None, [], [])


def test_report_for_people_is_aligned_and_in_their_words(monitor: Command, registry: Registry) -> None:
    version = publish(registry, a_shop())
    ended = monitor("--action", "health")
    assert ended.err == ""
    lines = ended.out.splitlines()
    assert lines[1] == "MODEL HEALTH: HEALTHY"
    assert f"Model version       {version}" in lines
    assert "Users               60" in lines
    assert "Interactions        180" in lines
    assert "Sparsity            75.00%" in lines
    assert "Similarity density  18.18%" in lines
    assert "Last run            none recorded" in lines
    assert lines[-1] == "No issues and no warnings"


def test_warning_degrades_and_fails_only_where_asked_to(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    fail_a_run(registry)
    ended = monitor(*AS_JSON)
    assert (ended.report["status"], ended.exit_code) == ("DEGRADED", 0)
    assert ended.checks("warnings") == ["last_run"]
    assert ended.report["last_run"]["outcome"] == "failed"
    assert monitor(*AS_JSON, "--strict").exit_code == 1
    people = monitor("--action", "health").out
    assert "Warnings\n  - The last run failed: the database is down. Look at" in people


def test_healthy_model_passes_strictly_too(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    assert monitor(*AS_JSON, "--strict").exit_code == 0


def test_issue_is_unhealthy_beside_any_warning(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop(n_users=49, n_products=9))
    fail_a_run(registry)
    ended = monitor(*AS_JSON)
    assert (ended.report["status"], ended.exit_code) == ("UNHEALTHY", 1)
    assert ended.checks("issues") == ["users", "products"]
    assert ended.checks("warnings") == ["last_run"]
    assert "Issues\n  - Too few users: 49, and MIN_USERS is 50\n  - Too few" in monitor("--action", "health").out


def test_empty_store_is_unhealthy_and_says_what_to_do(monitor: Command) -> None:
    ended = monitor(*AS_JSON)
    assert (ended.report["status"], ended.exit_code) == ("UNHEALTHY", 1)
    assert ended.checks("issues") == ["no_model"]
    assert ended.report["n_users"] is None
    assert "Model version  none" in monitor("--action", "health").out


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"version": "latest"}'])
def test_damaged_pointer_is_unhealthy(monitor: Command, registry: Registry, body: bytes) -> None:
    publish(registry, a_shop())
    registry.store.put(CURRENT_KEY, body)
    ended = monitor(*AS_JSON)
    assert (ended.report["status"], ended.exit_code) == ("UNHEALTHY", 1)
    assert ended.checks("issues") == ["pointer"]
    assert "current.json is damaged" in ended.report["issues"][0]["message"]
    assert "python -m trainer rollback VERSION" in ended.report["issues"][0]["message"]


def test_pointer_to_a_missing_version_is_unhealthy(monitor: Command, registry: Registry) -> None:
    version = publish(registry, a_shop())
    registry.store.delete(f"models/{version}/manifest.json")
    ended = monitor(*AS_JSON)
    assert (ended.report["status"], ended.exit_code) == ("UNHEALTHY", 1)
    assert f"current.json names {version}, which the store does not hold" in ended.report["issues"][0]["message"]


def test_model_with_one_byte_changed_is_unhealthy(monitor: Command, registry: Registry, tmp_path: Path) -> None:
    version = publish(registry, a_shop())
    path = tmp_path / "var" / "store" / "models" / version / "model.safetensors"
    body = bytearray(path.read_bytes())
    body[-1] ^= 1
    path.write_bytes(body)
    ended = monitor(*AS_JSON)
    assert (ended.report["status"], ended.exit_code) == ("UNHEALTHY", 1)
    assert ended.checks("issues") == ["model"]
    assert f"model.safetensors of {version} is damaged" in ended.report["issues"][0]["message"]
    assert ended.report["model_version"] == version
    assert ended.report["model_age_days"] is not None


def test_damaged_history_is_a_warning_and_an_empty_one_is_none(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    registry.store.put(HISTORY_KEY, b"[]")
    assert monitor(*AS_JSON).report["status"] == "HEALTHY"
    registry.store.put(HISTORY_KEY, b"{")
    assert monitor(*AS_JSON).checks("warnings") == ["history"]


def test_every_check_is_in_the_report_with_its_runbook(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    fail_a_run(registry)
    checks = {one.pop("check"): one for one in monitor(*AS_JSON).report["checks"]}
    assert set(checks) == set(CHECK_NAMES)
    assert [name for name, one in checks.items() if one["verdict"] != "ok"] == ["last_run"]
    assert checks["users"] == {
        "verdict": "ok",
        "judged": True,
        "value": 60,
        "threshold": 50,
        "unit": None,
        "message": "60 users",
        "runbook": "docs/runbooks/users.md",
    }
    assert "Not judged: it is not set up" in checks["webhook"]["message"]
    assert checks["webhook"]["judged"] is False


def test_people_see_trends_and_what_to_do(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    for n_users in (100, 110, 120, 130):
        told = {"timestamp": datetime.now(UTC), "duration_seconds": 2.5, "n_users": n_users}
        append_run(registry.store, Run(outcome=Outcome.PROMOTED, **told))
    fail_a_run(registry)
    ended = monitor("--action", "health")
    assert "  n_users           130 (+30% over 4 runs)\n  duration_seconds  2.5 (+0% over 4 runs)\n" in ended.out
    assert ended.out.endswith("What to do\n  - last_run: docs/runbooks/last_run.md\n")
    (users, _) = monitor(*AS_JSON).report["trends"]
    assert users == {"figure": "n_users", "values": [100, 110, 120, 130], "change_per_run": 10, "change": 0.3}


def test_limits_are_settings(monitor: Command, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(registry, a_shop(n_users=49))
    monkeypatch.setenv("MIN_USERS", "49")
    monkeypatch.setenv("MAX_SPARSITY", "0.5")
    assert monitor(*AS_JSON).checks("warnings") == ["sparsity"]


def test_report_is_kept_as_health_json(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    report = monitor(*AS_JSON).report
    assert read_health(registry.store) == report


def test_report_that_cannot_be_kept_is_still_given(
    monitor: Command, disk_of_128_kilobytes: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE_URL", disk_of_128_kilobytes.path.as_uri())
    publish(Registry(FileStore(disk_of_128_kilobytes.path)), a_shop())
    disk_of_128_kilobytes.make_read_only()
    ended = monitor(*AS_JSON)
    assert (ended.report["status"], ended.exit_code) == ("DEGRADED", 0)
    assert ended.checks("warnings") == ["health_json"]
    assert "Read-only file system" in ended.report["warnings"][0]["message"]


@pytest.mark.usefixtures("hasty_retries")
def test_model_on_s3_is_judged_and_a_store_that_is_away_is_worth_another_try(
    monitor: Command, minio: Minio, bucket: str, s3_settings: str
) -> None:
    registry = Registry(S3Store(bucket, "shop", minio.endpoint_url))
    publish(registry, a_shop())
    ended = monitor(*AS_JSON)
    assert (ended.report["status"], ended.report["store"], ended.exit_code) == ("HEALTHY", s3_settings, 0)
    assert read_health(registry.store) == ended.report
    with minio.away():
        gone = monitor(*AS_JSON)
    assert (gone.exit_code, gone.out) == (75, "")
    assert "cannot read s3://" in json.loads(gone.err)["message"]


def test_command_as_a_process_leaves_standard_output_to_the_report(registry: Registry) -> None:
    publish(registry, a_shop())
    command = [sys.executable, "-m", "monitor", *AS_JSON]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == "HEALTHY"
    assert done.stderr == ""
