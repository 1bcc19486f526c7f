"""A hundred healthy runs over a shop that grows raise no alarm, and hardly a warning."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from monitor.checks.judgement import Verdict
from monitor.judging import judge
from monitor.observation import Observation, observe
from monitor.settings import MonitorSettings
from registry.history import Outcome, Run
from registry.registry import Registry
from tests.builders import a_connected_model, publish

N_RUNS = 100
FIRST = datetime(2025, 1, 5, 2, tzinfo=UTC)


def rate(rng: np.random.Generator, mean: float) -> dict[str, float]:
    """A metric over a few hundred users, with its interval."""
    noisy = mean + rng.normal(0, 0.02)
    return {"mean": noisy, "low": noisy - 0.04, "high": noisy + 0.04}


def a_history(seed: int) -> list[Run]:
    """Runs of every night: a shop that grows by up to a percent a day, quieter at weekends, rejected now and then."""
    rng = np.random.default_rng(seed)
    growth, runs = rng.uniform(0, 0.01), []
    events = rng.uniform(5_000, 500_000)
    for night in range(N_RUNS):
        weekend = 0.6 if night % 7 >= 5 else 1.0
        events += events * growth * weekend * rng.lognormal(0, 0.3)
        runs.append(a_night(rng, FIRST + timedelta(days=night), events))
    return runs


def a_night(rng: np.random.Generator, at: datetime, events: float) -> Run:
    side = {"hit_rate": rate(rng, 0.35), "ndcg": rate(rng, 0.2), "concentration": 0.6 + rng.normal(0, 0.02)}
    holdout: dict[str, Any] = {"cut_by": "champion", "n_users": 400, "candidate": side, "champion": side}
    data = {"unknown_products_share": rng.beta(2, 60), "events_since_champion": 100.0}
    ended = rng.choice([Outcome.PROMOTED, Outcome.REJECTED, Outcome.FAILED], p=[0.94, 0.04, 0.02])
    figures: dict[str, Any] = {
        "n_users": int(events / 20 * rng.normal(1, 0.01)),
        "n_products": int(events**0.5 * rng.normal(1, 0.01)),
        "n_interactions": int(events / 2 * rng.normal(1, 0.01)),
        "similarity_density": 0.1,
        "events": {"purchase": int(events * 0.3 * rng.normal(1, 0.02)), "view": int(events * 0.7)},
        "holdout": holdout | {"popularity": {"hit_rate": rate(rng, 0.2)}},
        "data": data,
    }
    told = {} if ended == Outcome.FAILED else figures
    seconds = 20 + events / 2_000 * rng.lognormal(0, 0.2)
    return Run(timestamp=at, outcome=Outcome(ended), duration_seconds=seconds, **told)


@pytest.fixture
def seen(registry: Registry) -> Observation:
    publish(registry, a_connected_model())
    publish(registry, a_connected_model())
    return observe(registry, datetime.now(UTC))


@pytest.mark.parametrize("seed", range(10))
def test_healthy_runs_raise_no_alarm(seen: Observation, seed: int) -> None:
    history, limits = a_history(seed), MonitorSettings.load()
    results = [
        result for n_runs in range(N_RUNS) for result in judge(replace(seen, runs=tuple(history[:n_runs])), limits)
    ]
    failed = [result for result in results if result.verdict is Verdict.FAIL]
    # The last run was one that did not go live as often as the history has it so.
    warned = [result for result in results if result.verdict is Verdict.WARN and result.check != "last_run"]
    assert failed == []
    assert len(warned) < 0.001 * len(results), {result.check: result.message for result in warned}
