"""A whole run as a user sees it: the log, the store, the outcome."""

import json
import os
import pty
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from model.model import Model
from registry.files import FileStore
from registry.history import read_history
from registry.registry import Registry
from tests.trainer.running import TRAIN, assert_one_clear_line, train
from trainer.one_machine import OneMachine

EXPECTED_LOG = """\
======================================================================
STARTING MODEL TRAINING PIPELINE
======================================================================
No current model yet: this is the first
Connecting to database...
Loaded 8,014 purchase records
Loaded 3,173 view records
Loaded 33 products of the catalogue (6 categories, 0 without an event)
No recipe was chosen by evidence: too few users did something new. RECIPE=cosine is taken
Not evaluated: WHY_NOT
Companions: 348 pairs of substitutes, 635 of complements
Building interaction matrix...
Matrix shape: (102, 33) (users x products)
Sparsity: 1.04%
Calculating similarity matrix...
Applying co-occurrence filter (threshold: 5)...
Similarity density: 100.00%
Validating model...
Model validation passed
Gate: minimums passed: 102 users (50 are asked), 33 products (10), 1,056 pairs of neighbours, and every \
number is finite.
Gate: champion skipped: No model is in service to compare with.
Gate: popularity skipped: Not compared with popular products: WHY_NOT.
Gate: buy_again skipped: Not compared with what users buy again: WHY_NOT.
Gate: events skipped: No earlier run was accepted that could tell what is usual.
Gate: users skipped: No earlier run was accepted that could tell what is usual.
Gate: products skipped: No earlier run was accepted that could tell what is usual.
Gate: interactions skipped: No earlier run was accepted that could tell what is usual.
Gate: coverage skipped: No earlier run was accepted that could tell what is usual.
Gate: busiest_users passed: The busiest 0.1% of the users have 2.2% of the events; 30.0% is allowed.
WARNING: Gate: newest_event warned: The newest event is DAYS days old (2025-01-04 23:49 UTC); 3 days are allowed.
Gate: times passed: 0.1% of the events bear the same second; 50% is allowed.
Gate: backwards skipped: No model is in service to compare with.
Gate: forgotten skipped: No model is in service to compare with.
Gate: overlap skipped: No model is in service to compare with.
Published version VERSION
Promoted to current model: VERSION
Outcome: promoted
Seconds by step: STEPS
======================================================================
TRAINING COMPLETED SUCCESSFULLY in SECONDS
======================================================================
"""

WHY_NOT = (
    "only 0 users with a choice of 20 products or more took up something new since 2024-12-28 23:49 UTC, and "
    "HOLDOUT_MIN_USERS asks for 50"
)


@pytest.fixture(autouse=True)
def _sample_shop(store_path: Path, sample_shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("DATABASE_URL", sample_shop_url)


def current_model(path: Path) -> Model:
    registry = Registry(FileStore(path))
    pointer = registry.current()
    assert pointer
    return registry.load(pointer.version, path)


def test_a_run_on_the_sample_shop_logs_its_figures_and_leaves_a_model(store_path: Path) -> None:
    ended = train(MEMORY_CHECK="off")  # where this machine has a limit, a line would say so
    log = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}", "VERSION", ended.log)
    log = re.sub(r"(?<=by step: ).*", "STEPS", re.sub(r"(?<=SUCCESSFULLY in )[\d.]+s", "SECONDS", log))
    assert re.sub(r"(?<=event is )[\d,.]+", "DAYS", log) == EXPECTED_LOG.replace("WHY_NOT", WHY_NOT)
    assert ended.exit_code == 0
    model = current_model(store_path)
    assert (len(model.users), len(model.products), model.histories.n_interactions) == (102, 33, 3331)


def test_a_second_run_names_the_model_in_service_and_makes_the_same_bytes(store_path: Path) -> None:
    train(LOG_FILE="logs/first.log")
    first = Registry(FileStore(store_path)).current()
    assert first
    second = train(THREADS="1")
    assert f"Current model kept: {first.version}" in second.log
    files = {path.read_bytes() for path in store_path.glob("models/*/model.safetensors")}
    assert len(list(store_path.glob("models/*/manifest.json"))) == 2
    assert len(files) == 1
    assert "TRAINING COMPLETED SUCCESSFULLY" in Path("logs/first.log").read_text()


def test_six_runs_leave_five_versions_and_six_entries(store_path: Path) -> None:
    ended = [train() for _ in range(6)]
    assert [run.exit_code for run in ended] == [0] * 6
    registry = Registry(FileStore(store_path))
    versions = [summary.version for summary in registry.versions()]
    assert len(versions) == 5
    assert "Removed old versions" in ended[-1].log
    assert "Removed" not in ended[-2].log
    history = read_history(registry.store)
    assert [run.version for run in history][1:] == versions
    assert all(run.outcome == "promoted" for run in history)
    listed = train("versions").output.splitlines()
    assert [line.split()[0] for line in listed] == versions[::-1]
    assert ["current" in line for line in listed] == [True, False, False, False, False]


def test_history_has_the_promised_figures(store_path: Path) -> None:
    train()
    (entry,) = json.loads((store_path / "metrics.json").read_text())
    assert entry["n_users"] == 102
    assert entry["n_products"] == 33
    assert entry["n_interactions"] == 3331
    assert entry["sparsity"] == pytest.approx(1 - 3331 / (102 * 33))
    assert entry["similarity_density"] == 1.0
    assert 0 < entry["avg_similarity"] <= 1
    assert 0 < entry["duration_seconds"] < 60
    assert {"timestamp", "trained_at", "version", "outcome"} <= entry.keys()


def test_json_log_ends_with_the_outcome_and_the_version(store_path: Path) -> None:
    records = train(LOG_FORMAT="json").records
    (finished,) = [record for record in records if record.get("event") == "run_finished"]
    current = Registry(FileStore(store_path)).current()
    assert current
    assert (finished["outcome"], finished["version"]) == ("promoted", current.version)
    assert [record["events"] for record in records if "events" in record] == [8014, 3173]


def test_log_is_sentences_on_a_terminal_and_json_elsewhere() -> None:
    ours, terminal = pty.openpty()
    process = subprocess.Popen(TRAIN, stderr=terminal)
    os.close(terminal)
    shown = b""
    with suppress(OSError):  # a terminal whose other end is closed gives an error where a pipe gives its end
        while piece := os.read(ours, 4096):
            shown += piece
    os.close(ours)
    assert process.wait(60) == 0
    assert b"Loaded 8,014 purchase records\r\n" in shown
    assert b"{" not in shown
    elsewhere = subprocess.run(TRAIN, capture_output=True, text=True, check=True, timeout=60).stderr
    assert [json.loads(line)["level"] for line in elsewhere.splitlines()]


def test_rollback_brings_the_previous_model_back_and_forth(store_path: Path) -> None:
    train()
    train()
    newest, oldest = (line.split()[0] for line in train("versions").output.splitlines())
    assert f"Current model: {oldest} (before: {newest})" in train("rollback").output
    assert f"Current model: {newest}" in train("rollback", newest).output
    pointer = Registry(FileStore(store_path)).current()
    assert pointer
    assert pointer.version == newest


def test_rollback_to_nothing_says_what_there_is() -> None:
    assert_one_clear_line(train("rollback"), 64, "no previous version", "python -m trainer")
    train()
    ended = train("rollback", "20200101T000000Z-00000000")
    assert_one_clear_line(ended, 64, "there is no version '20200101T000000Z-00000000'", "the store holds 20")


def test_two_trainers_on_one_store_the_second_says_try_again(store_path: Path) -> None:
    with OneMachine(store_path.as_uri()).lock():
        assert_one_clear_line(train(), 75, "another trainer (process", "is at work on file://")
    assert train().exit_code == 0


def test_a_shops_own_trainer_class_prepares_events_and_makes_similarities(store_path: Path, tmp_path: Path) -> None:
    (tmp_path / "my_shop.py").write_text(
        "import scipy.sparse as sp\n"
        "from trainer import ModelTrainer\n"
        "class MyTrainer(ModelTrainer):\n"
        "    def custom_preprocessing(self, events):\n"
        "        return events.where(events.kind == events.kinds.index('purchase'))\n"
        "    def train(self, user_items):\n"
        "        return sp.csr_matrix(user_items.T @ user_items)\n"
    )
    ended = train(TRAINER_CLASS="my_shop:MyTrainer", NEIGHBOURS="7")
    assert ended.exit_code == 0, ended.log
    model = current_model(store_path)
    assert {len(model.neighbours.row(i)[0]) for i in range(33)} == {7}
    manifest = json.loads(next(store_path.glob("models/*/manifest.json")).read_text())
    assert manifest["events"] == {"purchase": 8014, "view": 0}


@pytest.mark.parametrize(
    ("method", "exit_code", "reason"),
    [
        ("custom_preprocessing(self, events):\n  return events.where(events.weight > 99)", 65, "left no event"),
        ("custom_preprocessing(self, events):\n  raise KeyError('price')", 1, "KeyError: 'price', raised at"),
        ("train(self, user_items):\n  return user_items", 64, "gave a matrix of shape (102, 33)"),
        ("train(self, user_items):\n  return user_items.nothing", 1, "my_shop.py:4"),
    ],
)
def test_an_error_in_a_shops_own_code_names_the_method_and_the_place(
    tmp_path: Path, method: str, exit_code: int, reason: str
) -> None:
    (tmp_path / "my_shop.py").write_text(
        f"from trainer import ModelTrainer\nclass Mine(ModelTrainer):\n def {method}\n"
    )
    ended = train(TRAINER_CLASS="my_shop:Mine")
    assert_one_clear_line(ended, exit_code, f"Mine.{method.split('(', maxsplit=1)[0]}", reason)


def test_a_model_that_cannot_be_read_again_is_never_published(store_path: Path, tmp_path: Path) -> None:
    (tmp_path / "my_shop.py").write_text(
        "from trainer import ModelTrainer\n"
        "class Mine(ModelTrainer):\n"
        "    def train(self, user_items):\n"
        "        return super().train(user_items[:, :12])\n"
    )
    assert_one_clear_line(train(TRAINER_CLASS="my_shop:Mine"), 65, "neighbours.indptr has 13 values for 33 rows")
    assert Registry(FileStore(store_path)).versions() == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere:Trainer", "No module named 'nowhere'"),
        ("trainer:Nothing", "trainer has no Nothing"),
        ("trainer:Events", "must be a subclass of trainer.ModelTrainer"),
        ("trainer", "string should match pattern"),
    ],
)
def test_a_trainer_class_that_is_none_is_a_wrong_setting(name: str, reason: str) -> None:
    assert_one_clear_line(train(TRAINER_CLASS=name), 64, f"TRAINER_CLASS='{name}'", reason)


def test_a_trainer_killed_at_any_moment_leaves_a_model_that_loads(store_path: Path) -> None:
    started = time.monotonic()
    assert train().exit_code == 0
    whole_run_seconds = time.monotonic() - started
    n_kills = 12
    for n in range(n_kills):
        process = subprocess.Popen(TRAIN, stderr=subprocess.DEVNULL)
        time.sleep(whole_run_seconds * (0.3 + 0.7 * n / n_kills))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(current_model(store_path).products) == 33
    after = train()
    assert after.exit_code == 0, after.log
    assert all(Registry(FileStore(store_path)).manifest(run.name) for run in store_path.glob("models/*Z-*"))


def test_a_stopped_trainer_records_that_it_was_stopped(store_path: Path) -> None:
    train()
    process = subprocess.Popen(TRAIN, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if "Connecting" in line:
            break
    process.terminate()
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) in {75, 0}, rest
    if process.returncode == 75:
        assert "stopped by a signal" in rest
        assert read_history(FileStore(store_path))[-1].outcome == "failed"
