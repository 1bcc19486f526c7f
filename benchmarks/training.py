"""The whole run of `python -m trainer`: on the shop, and on the sample shop, which shows what any run costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from benchmarks.import_times import import_seconds
from benchmarks.measuring import measure_python
from benchmarks.trainer_runs import TrainerRun, run_trainer, trainer_environment

# user_idx int32, item_idx int32, weight float32; and the time as uint32
EVENT_BYTES: Final = 12
EVENT_BYTES_WITH_TIME: Final = 16


@dataclass(frozen=True)
class SampleShopRuns:
    """The sample shop on SQLite: the warm run that took least, and where the time goes."""

    seconds: list[float]
    peaks_bytes: list[int]
    best: TrainerRun
    bare_python_seconds: float
    import_seconds: dict[str, float]


@dataclass(frozen=True)
class ShopRuns:
    """The shop: the first run, the warm run that took least, and the memory that its data took at the peak.

    `data_bytes` is the largest peak of the warm runs without the smallest of the sample shop's, that is without the
    interpreter, its imports and the compiled code. `ratio` is that against 12 bytes an event, `ratio_with_time`
    against 16.
    """

    first_seconds: float
    seconds: list[float]
    peaks_bytes: list[int]
    best: TrainerRun
    data_bytes: int
    ratio: float
    ratio_with_time: float


def run_sample_shop(folder: Path, repeats: int) -> SampleShopRuns:
    """Make the sample shop in a folder and train from it: once to warm up, then `repeats` times."""
    folder.mkdir()
    url = URL.create("sqlite", database=str(folder / "shop.db"))
    environment = trainer_environment(url, folder, {})
    measure_python(["-m", "trainer", "sample-shop"], folder, environment)
    run_trainer(url, folder, {})
    runs = [run_trainer(url, folder, {}) for _ in range(repeats)]
    bare = [measure_python(["-c", "pass"], folder, environment).seconds for _ in range(repeats)]
    imports = import_seconds(["-m", "trainer"], folder, environment)
    return SampleShopRuns(*_each(runs), _fastest(runs), min(bare), imports)


def run_shop(url: URL, folder: Path, settings: Mapping[str, str], repeats: int, sample: SampleShopRuns) -> ShopRuns:
    """Train from the shop: once so that Numba's cache is warm, then `repeats` times."""
    folder.mkdir()
    first, *runs = [run_trainer(url, folder, settings) for _ in range(1 + repeats)]
    best, (seconds, peaks_bytes) = _fastest(runs), _each(runs)
    data_bytes, events = max(peaks_bytes) - min(sample.peaks_bytes), sum(best.events.values())
    ratios = (data_bytes / (size * events) for size in (EVENT_BYTES, EVENT_BYTES_WITH_TIME))
    return ShopRuns(first.seconds, seconds, peaks_bytes, best, data_bytes, *ratios)


def _each(runs: list[TrainerRun]) -> tuple[list[float], list[int]]:
    return [run.seconds for run in runs], [run.peak_bytes for run in runs]


def _fastest(runs: list[TrainerRun]) -> TrainerRun:
    return min(runs, key=lambda run: run.seconds)
