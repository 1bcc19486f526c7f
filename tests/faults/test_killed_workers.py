from pathlib import Path

from benchmarks.generated_shops import GeneratedShop
from tests.faults.killed_workers import Killed, kill_workers

SMALL = GeneratedShop(users=1_500, products=400, purchases=30_000, views=10_000)


def test_model_is_the_same_whichever_workers_die(tmp_path: Path) -> None:
    killed = kill_workers(tmp_path, kills=2, shop=SMALL)
    assert killed.findings == []
    assert killed.kills == 2
    assert killed.model


def test_findings_are_told() -> None:
    assert "run 1: it ended with 1" in "\n".join(Killed(findings=["run 1: it ended with 1"]).to_lines())
