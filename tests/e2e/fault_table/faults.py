"""What a fault, the signs by which it is found, and one look of the monitor at several of them are."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from monitor.checks.judgement import Verdict
from tests.e2e.shop import Shop

OK: Final = Verdict.OK
WARN: Final = Verdict.WARN
FAIL: Final = Verdict.FAIL

Settings = Mapping[str, str]
Cause = Callable[[Shop], AbstractContextManager[Settings | None]]


@dataclass(frozen=True)
class Sign:
    """A check that must give a verdict, in a sentence with some words in it that name the fault."""

    check: str
    verdict: Verdict
    words: str


@dataclass(frozen=True)
class Fault:
    """A fault by name; it is there for as long as the context of `cause` lasts, which may give the monitor settings."""

    name: str
    cause: Cause
    signs: tuple[Sign, ...]


def _at_once(_shop: Shop) -> None:
    pass


@dataclass(frozen=True)
class Look:
    """Faults that are there at the same time and do not hide each other, and one run of the monitor.

    `settings` are the monitor's for this run. `meanwhile` are looks at further faults while these have to last, and
    `ripe` waits until they have.
    """

    name: str
    faults: tuple[Fault, ...]
    settings: Settings = field(default_factory=dict)
    meanwhile: tuple["Look", ...] = ()
    ripe: Callable[[Shop], object] = _at_once
