"""A sample of the damage of `python -m tests.faults.damage`, and that the harness itself misses nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import damage_children, damage_judgement
from tests.faults.damage_cases import KINDS, Case, Family, case_of
from tests.faults.damage_children import try_all
from tests.faults.damage_judgement import Judged, Verdict, judge
from tests.faults.damage_store import SoundStore, sound_store

SAMPLE = 500


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    return sound_store(tmp_path_factory.mktemp("damage"))


def test_a_sample_of_damage_is_refused_in_a_line_or_harmless_and_breaks_no_reader() -> None:
    command = [sys.executable, "-m", "tests.faults.damage", "--cases", str(SAMPLE), "--first", "100000"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"\n{SAMPLE} cases, 0 failures" in ended.stdout


def test_case_is_the_same_for_the_same_seed(store: SoundStore) -> None:
    for seed in range(0, len(KINDS), 7):
        assert case_of(store, seed) == case_of(store, seed)


def test_damage_is_undone_after_each_case(store: SoundStore, tmp_path: Path) -> None:
    for seed in range(len(KINDS)):
        judge(store, case_of(store, seed), tmp_path)
    assert {
        info.key: store.registry.store.get(info.key).body for info in store.registry.store.list("")
    } == store.objects


def test_damage_that_is_let_through_is_a_failure(
    store: SoundStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader without checksums lets bits of scores through."""
    (seed,) = [
        number
        for number, kind in enumerate(KINDS)
        if (kind.family, kind.target, kind.name) == (Family.STORED, "model", "bit of a score")
    ]
    assert judge(store, case_of(store, seed), tmp_path).verdict is Verdict.REFUSED
    version = case_of(store, seed).version
    entry = store.registry.manifest(version).files["model.safetensors"]
    monkeypatch.setattr("registry.manifest.FileEntry.of", lambda _path: entry)
    assert judge(store, case_of(store, seed), tmp_path).verdict is Verdict.FAILED


def test_case_that_kills_its_child_is_named_and_the_others_are_tried(
    store: SoundStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadly(_store: SoundStore, case: Case, _folder: Path) -> Judged:
        if case.seed == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        if case.seed == 5:
            bytearray(2 * damage_children.SPARE_MEGABYTES << 20)
        return Judged(Verdict.REFUSED, "")

    monkeypatch.setattr(damage_children, "judge", deadly)
    tried = list(try_all(store, range(8), tmp_path))
    assert [one.seed for one in tried] == list(range(8))
    assert {one.seed: one.judged.detail for one in tried if one.judged.verdict is Verdict.CRASHED} == {
        3: "the process ended with SIGKILL",
        5: "the process ended with exit code 1",
    }


def test_error_that_is_no_refusal_is_a_failure(
    store: SoundStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Judged:
        raise KeyError("dtype")

    monkeypatch.setattr(damage_judgement, "_read", broken)
    judged = judge(store, case_of(store, 0), tmp_path)
    assert (judged.verdict, judged.detail) == (Verdict.FAILED, "KeyError: 'dtype'")
