"""With KEEP_HISTORIES=false no user is in what is published, and all that is said and judged is as with them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.observation import observe
from registry.files import FileStore
from registry.manifest import MODEL_FILE, Manifest
from registry.registry import Registry
from tests.api.live import ThreadServer, settings_for
from tests.trainer.running import Ended, train


@pytest.fixture(autouse=True)
def _sample_shop(store_path: Path, sample_shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("DATABASE_URL", sample_shop_url)
    monkeypatch.setenv("RECIPE", "cosine")
    monkeypatch.setenv("HOLDOUT_DAYS", "60")
    monkeypatch.setenv("EXCLUDE_SEEN", "false")


@pytest.fixture
def bare(store_path: Path) -> Manifest:
    """The manifest of a version without histories, in service."""
    assert "Outcome: promoted" in train(KEEP_HISTORIES="false").log
    return current(store_path)


@pytest.fixture
def server(store_path: Path, bare: Manifest) -> Iterator[ThreadServer]:
    server = ThreadServer(settings_for(store_path))
    server.until_served(bare.version)
    yield server
    server.end()


def current(store_path: Path) -> Manifest:
    registry = Registry(FileStore(store_path))
    pointer = registry.current()
    assert pointer
    return registry.manifest(pointer.version)


def rulings(ended: Ended) -> dict[str, str]:
    """What each rule of the gate said."""
    lines = [line.partition("Gate: ")[2].split() for line in ended.log.splitlines() if "Gate: " in line]
    return {rule: verdict.rstrip(":") for rule, verdict, *_ in lines}


def test_the_model_file_holds_no_user_and_the_manifest_all_figures(bare: Manifest, store_path: Path) -> None:
    registry = Registry(FileStore(store_path))
    model = registry.load(bare.version, store_path)
    assert (len(model.users), model.histories.n_interactions) == (0, 0)
    assert bare.data["kept_histories"] == 0
    assert (bare.metrics["n_users"], bare.metrics["n_interactions"]) == (102, 3331)
    assert bare.metrics["sparsity"] == pytest.approx(0.0104, abs=1e-4)
    assert train().exit_code == 0
    full = current(store_path)
    assert (full.metrics, full.data["kept_histories"]) == (bare.metrics, 102)
    assert full.files[MODEL_FILE].size > bare.files[MODEL_FILE].size


def test_the_next_run_judges_against_it_and_says_what_it_cannot_ask(bare: Manifest, store_path: Path) -> None:
    ended = train(KEEP_HISTORIES="false")
    assert "Outcome: promoted" in ended.log
    assert "Gate: forgotten skipped: The model in service was published without histories" in ended.log
    said = rulings(ended)
    assert {said[rule] for rule in ("users", "interactions", "overlap", "champion", "popularity")} == {"passed"}
    manifest = current(store_path)
    assert manifest.version != bare.version
    assert manifest.holdout
    assert manifest.holdout["champion"] == manifest.holdout["candidate"]


def test_lists_are_made_of_what_the_shop_sends(server: ThreadServer) -> None:
    answer = server.client.get("/api/users/1/recommendations").json()
    assert (answer["user_known"], answer["source"]) == (False, "popular")
    sent = server.client.post("/api/recommendations", json={"products": ["1", "2"]}).json()
    assert sent["source"] == "session"
    assert len(sent["items"]) == 10


def test_neither_api_nor_monitor_takes_it_for_a_model_of_nobody(
    server: ThreadServer, bare: Manifest, store_path: Path
) -> None:
    of = f'{{model_version="{bare.version}"}}'
    assert server.metric(f"model_users{of}") == 102
    assert server.metric(f"model_sparsity{of}") == pytest.approx(bare.metrics["sparsity"])
    assert server.client.get("/api/model").json()["metrics"]["n_users"] == 102
    figures = observe(Registry(FileStore(store_path)), datetime.now(UTC)).figures
    assert figures
    assert vars(figures) == pytest.approx(bare.metrics)
