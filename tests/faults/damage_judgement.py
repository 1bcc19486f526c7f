"""What happened to a damaged version: refused, loaded as good as new, loaded as another legal one, or let through."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from model.errors import DamagedModelError
from model.model import Model
from registry.objects import ObjectMissingError
from registry.pointer import CURRENT_KEY, DamagedPointerError, Pointer
from registry.registry import Registry
from runtime.errors import RecommenderError
from tests.faults.damage_cases import Case, Family
from tests.faults.damage_questions import ask_of_versions, problems_of_model
from tests.faults.damage_store import SoundStore
from tests.faults.mutations import Target

_LONGEST_LINE = 600


class Verdict(StrEnum):
    """EQUAL: nothing that is read has changed. LEGAL: a trainer might have made what is read. FAILED: our defect."""

    REFUSED = "refused"
    EQUAL = "equal"
    LEGAL = "legal"
    FAILED = "failed"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Judged:
    """A verdict, and what it rests on."""

    verdict: Verdict
    detail: str


def judge(store: SoundStore, case: Case, folder: Path) -> Judged:
    """Do the damage, try to read the version, and make everything sound again."""
    with _damaged(store, case), warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return _read(store, case, folder)
        except (DamagedModelError, ObjectMissingError, DamagedPointerError) as refusal:
            return _judge_refusal(case, refusal)
        except Exception as error:  # noqa: BLE001 (whatever it is, it should have been a refusal)
            return Judged(Verdict.FAILED, f"{type(error).__name__}: {error}"[:_LONGEST_LINE])


@contextmanager
def _damaged(store: SoundStore, case: Case) -> Iterator[None]:
    for key, body in case.changes.items():
        store.damage(key, body)
    try:
        yield
    finally:
        for key in case.changes:
            store.restore(key)


def _judge_refusal(case: Case, refusal: RecommenderError) -> Judged:
    line = str(refusal)
    if case.kind.target is Target.CARD:
        return Judged(Verdict.FAILED, f"a damaged card stopped a load: {line}")
    if "\n" in line or len(line) > _LONGEST_LINE:
        return Judged(Verdict.FAILED, f"the refusal is no clear line: {line[:_LONGEST_LINE]}")
    line.encode()
    return Judged(Verdict.REFUSED, line)


def _read(store: SoundStore, case: Case, folder: Path) -> Judged:
    registry = store.registry
    if case.kind.target is Target.POINTER:
        return _read_pointer(registry, store, case, folder)
    model = registry.load(case.version, folder)
    manifest = registry.manifest(case.version)
    if case.kind.target is Target.CARD or case.is_unchanged(store):
        return Judged(Verdict.EQUAL, "nothing that serving needs was changed")
    if case.kind.family is Family.SIGNED:
        return _ask(registry, model)
    if manifest.to_json() == store.objects[store.key(Target.MANIFEST, case.version)] and _is_sound_model(store, case):
        return Judged(Verdict.EQUAL, "the same manifest in other bytes")
    return Judged(Verdict.FAILED, "damage was let through")


def _is_sound_model(store: SoundStore, case: Case) -> bool:
    return store.key(Target.MODEL, case.version) not in case.changes


def _ask(registry: Registry, model: Model) -> Judged:
    problems = list(problems_of_model(model))
    if problems:
        return Judged(Verdict.FAILED, "; ".join(problems[:3]))
    ask_of_versions(registry)
    return Judged(Verdict.LEGAL, "it answers everything")


def _read_pointer(registry: Registry, store: SoundStore, case: Case, folder: Path) -> Judged:
    pointer = registry.current()
    if pointer is None:
        gone = case.changes[store.key(Target.POINTER, case.version)] is None
        return Judged(Verdict.REFUSED, "nothing is in service") if gone else Judged(Verdict.FAILED, "no pointer")
    registry.load(pointer.version, folder)
    ask_of_versions(registry)
    is_equal = pointer == Pointer.model_validate_json(store.objects[CURRENT_KEY])
    pointer.model_dump_json()
    return Judged(Verdict.EQUAL if is_equal else Verdict.LEGAL, "it names a version that is there")
