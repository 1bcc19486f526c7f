"""The plan: how large the shop is, what a run on it will take, and how that goes with the limit there is."""

from dataclasses import asdict, dataclass
from typing import Any

from registry.history import read_history
from registry.registry import Registry
from registry.settings import open_store
from trainer.planning.counting import count_shop
from trainer.planning.estimate import PRECISION, Estimate, estimate
from trainer.planning.fit import Fit, fit_of, limit_to_set
from trainer.planning.limits import MemoryLimit, memory_limit
from trainer.planning.size import ShopSize
from trainer.planning.spilling import disk_bytes, spilled_peak_bytes
from trainer.reading.database import connect
from trainer.settings import TrainerSettings


@dataclass(frozen=True)
class Plan:
    """What is expected of the next run; with workers, memory is of the process that leads them."""

    database: str
    size: ShopSize
    expected: Estimate
    threads: int
    limit: MemoryLimit | None
    has_workers: bool = False

    @property
    def limit_to_set(self) -> str:
        """The value for trainer.resources.limits.memory."""
        return limit_to_set(self.expected.peak_bytes)

    @property
    def spilled_peak_bytes(self) -> float:
        """What the run would hold in memory if its arrays were on disk."""
        return spilled_peak_bytes(self.size)

    @property
    def disk_bytes(self) -> float:
        """What the arrays would take there."""
        return disk_bytes(self.size)

    @property
    def fit(self) -> Fit:
        """How the run goes with the limit there is."""
        return fit_of(self.size, self.threads, self.limit)


def make_plan(settings: TrainerSettings) -> Plan:
    """Count the shop and estimate a run on it; nothing is written.

    Raises what extraction raises where the database or a query is wrong, StoreUnavailableError, StoreRefusedError.
    """
    history = read_history(Registry(open_store(settings)).store)
    engine = connect(settings.sqlalchemy_url())
    size = count_shop(engine, settings)
    engine.dispose()
    database = engine.url.render_as_string(hide_password=True)
    expected = estimate(size, settings.threads, history)
    limit = memory_limit(settings.memory_limit)
    return Plan(database, size, expected, settings.threads, limit, has_workers=settings.dask is not None)


def as_json(plan: Plan) -> dict[str, Any]:
    """Give the plan for machines; `low` and `high` are how wrong an estimate may be."""
    expected, size = plan.expected, asdict(plan.size)
    return {
        "database": plan.database,
        "size": {name: round(value) if isinstance(value, float) else value for name, value in size.items()},
        "memory": {
            "bytes": _range(expected.peak_bytes),
            "step": expected.peak_step,
            "bytes_by_step": {step: round(value) for step, value in expected.bytes_by_step.items()},
            "limit_to_set": plan.limit_to_set,
            "limit_bytes": plan.limit.n_bytes if plan.limit else None,
            "limit_source": plan.limit.source if plan.limit else None,
            "fit": plan.fit.name.lower(),
            "spilled_bytes": _range(plan.spilled_peak_bytes),
        },
        "disk": {"spilled_bytes": _range(plan.disk_bytes)},
        "time": {
            "seconds": _range(expected.seconds),
            "seconds_by_step": {step: round(value, 3) for step, value in expected.seconds_by_step.items()},
            "basis": expected.basis,
        },
    }


def _range(value: float) -> dict[str, float]:
    low, high = value / PRECISION, value * PRECISION
    digits = 3 if value < 1e6 else None  # noqa: PLR2004
    return {"expected": round(value, digits), "low": round(low, digits), "high": round(high, digits)}
