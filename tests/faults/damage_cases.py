"""The cases of damage: which object is changed, how, and whether the version is signed anew after it."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.faults.damage_store import SoundStore, signed
from tests.faults.mutations import BYTES, Given, Mutation, Target
from tests.faults.mutations_arrays import ARRAYS
from tests.faults.mutations_header import HEADER
from tests.faults.mutations_json import JSON


class Family(StrEnum):
    """STORED: what a disk, a network or a careless hand does. SIGNED: the checksums are made right again."""

    STORED = "stored"
    SIGNED = "signed anew"


@dataclass(frozen=True)
class Kind:
    """One kind of damage."""

    family: Family
    target: Target
    name: str
    mutation: Mutation


def _kinds(family: Family, target: Target, *mutations: Mapping[str, Mutation]) -> Iterator[Kind]:
    for some in mutations:
        yield from (Kind(family, target, name, mutation) for name, mutation in some.items())


_STAYING: Final = {name: mutation for name, mutation in BYTES.items() if name != "gone"}
KINDS: Final = (
    *_kinds(Family.STORED, Target.MODEL, BYTES, HEADER, ARRAYS),
    *_kinds(Family.STORED, Target.MANIFEST, BYTES, JSON),
    *_kinds(Family.STORED, Target.POINTER, BYTES, JSON),
    *_kinds(Family.STORED, Target.CARD, BYTES),
    *_kinds(Family.SIGNED, Target.MODEL, _STAYING, HEADER, ARRAYS),
    *_kinds(Family.SIGNED, Target.MANIFEST, JSON),
)


@dataclass(frozen=True)
class Case:
    """One damaged version: `changes` are the objects that are not as they should be, None for one that is gone."""

    seed: int
    kind: Kind
    version: str
    changes: Mapping[str, bytes | None]

    def is_unchanged(self, store: SoundStore) -> bool:
        """Whether chance changed nothing."""
        return all(store.objects[key] == body for key, body in self.changes.items())


def case_of(store: SoundStore, seed: int) -> Case:
    """Make the case of a seed, always the same."""
    kind, rng = KINDS[seed % len(KINDS)], random.Random(seed)
    version, other = rng.sample(store.versions, 2)
    key = store.key(kind.target, version)
    given = Given(store.objects[key], store.objects[store.key(kind.target, other)])
    changed = kind.mutation(rng, given)
    if kind.family is Family.SIGNED and changed is not None:
        return Case(seed, kind, version, _signed(store, kind.target, version, changed))
    return Case(seed, kind, version, {key: changed})


def _signed(store: SoundStore, target: Target, version: str, changed: bytes) -> dict[str, bytes | None]:
    manifest = store.key(Target.MANIFEST, version)
    if target is Target.MANIFEST:
        return {manifest: signed(changed)}
    return {store.key(target, version): changed, manifest: signed(store.objects[manifest], changed)}
