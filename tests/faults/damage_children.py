"""Children that try cases, many each, with bounded memory: what kills one is told with the seed of the case."""

import json
import os
import resource
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Never

from tests.faults.damage_cases import case_of
from tests.faults.damage_judgement import Judged, Verdict, judge
from tests.faults.damage_store import SoundStore

CASES_OF_A_CHILD: Final = 250
# A file is 100 KB at most: what is read of it, copied and sorted is far from this.
SPARE_MEGABYTES: Final = 96
_LONGEST_BATCH_SECONDS: Final = 300


@dataclass(frozen=True)
class Tried:
    """A case that was tried: what came of it, and the largest memory of its child up to then."""

    seed: int
    judged: Judged
    resident_megabytes: float
    seconds: float


def try_all(store: SoundStore, seeds: Sequence[int], folder: Path) -> Iterator[Tried]:
    """Try cases, each batch in a child. A case that kills its child is told, and the rest goes to the next child."""
    left = list(seeds)
    while left:
        batch = left[:CASES_OF_A_CHILD]
        tried = _results_of_a_child(store, batch, folder)
        yield from tried
        left = left[len(tried) :]


def _results_of_a_child(store: SoundStore, seeds: Sequence[int], folder: Path) -> list[Tried]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_a_child(store, seeds, folder, writing)
    os.close(writing)
    with open(reading, "rb") as results:  # noqa: PTH123 (a descriptor, no path)
        tried = list(_read_results(results))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if len(tried) < len(seeds):
        how = signal.Signals(-status).name if status < 0 else f"exit code {status}"
        tried.append(Tried(seeds[len(tried)], Judged(Verdict.CRASHED, f"the process ended with {how}"), 0.0, 0.0))
        _make_sound(store)
    elif status != 0:
        raise RuntimeError(f"a child ended with {status} though it tried everything")
    return tried


def _read_results(results: BinaryIO) -> Iterator[Tried]:
    for line in results:
        seed, verdict, detail, megabytes, seconds = json.loads(line)
        yield Tried(seed, Judged(Verdict(verdict), detail), megabytes, seconds)


def _be_a_child(store: SoundStore, seeds: Sequence[int], folder: Path, writing: int) -> Never:
    exit_code = 1
    try:
        signal.alarm(_LONGEST_BATCH_SECONDS)
        limit = _address_space_bytes() + (SPARE_MEGABYTES << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        with ExitStack() as stack:
            results = stack.enter_context(open(writing, "w", encoding="ascii"))
            for seed in seeds:
                results.write(json.dumps(_try(store, seed, folder)) + "\n")
                results.flush()
        exit_code = 0
    finally:
        os._exit(exit_code)


def _try(store: SoundStore, seed: int, folder: Path) -> list[object]:
    case = case_of(store, seed)
    started = time.perf_counter()
    judged = judge(store, case, folder)
    seconds = time.perf_counter() - started
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [seed, judged.verdict, judged.detail, megabytes, seconds]


def _address_space_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _make_sound(store: SoundStore) -> None:
    """Undo the damage that a killed child left."""
    for key in store.objects:
        store.restore(key)
