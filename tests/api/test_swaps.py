"""Promotions under load: no request is lost, and none is answered by two models."""

from pathlib import Path

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ServerProcess, wait_until
from tests.api.shoppers import Swaps, numbered_model, shoppers, whole_answers
from tests.builders import publish

PROMOTIONS = 20


def test_twenty_promotions_under_load_lose_no_request_and_mix_no_answer(tmp_path: Path) -> None:
    registry = Registry(FileStore(tmp_path / "store"))
    models = [numbered_model(number) for number in range(1, PROMOTIONS + 2)]
    versions = [publish(registry, model, promote=False) for model in models]
    swaps = Swaps({version: whole_answers(model) for version, model in zip(versions, models, strict=True)})
    registry.promote(versions[0], "test", registry.pointer_state())
    with ServerProcess(tmp_path, {"STORE_URL": (tmp_path / "store").as_uri()}) as server:
        server.until("/api/model")
        with shoppers(server.port, swaps) as crowd:
            for version in versions:
                registry.promote(version, "test", registry.pointer_state())
                wait_until(lambda: crowd.has_seen(version))  # noqa: B023 (called at once)
        metrics = server.client.get("/metrics").text
    assert crowd.failures == []
    assert set(crowd.answers) == set(versions)
    assert f"model_reloads_total {PROMOTIONS + 1}.0" in metrics
    assert "model_reload_failures_total 0.0" in metrics
