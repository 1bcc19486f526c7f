"""The console's languages: which one a reader gets, and that none of them lacks a word."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from typing import Final

import pytest

from api.console.charts import charts_of
from api.console.health import NOT_JUDGED
from api.console.language import ENGLISH, LANGUAGES, language_of, translator
from api.health_figures import STATUSES, VERDICTS
from model.answers import Source
from registry.history import Outcome, Run

FOLDER: Final = files("api.console")
OTHERS: Final = [language for language in LANGUAGES if language != ENGLISH]
# What templates translate is mostly written there; these come from elsewhere.
FROM_ELSEWHERE: Final = {
    *STATUSES,
    "UNKNOWN",
    *VERDICTS,
    *Outcome,
    *(source for source in Source if source is not Source.MIXED),
    *("Overview", "Health", "Versions", "Runs", "Try it"),
    NOT_JUDGED,
}
NEW_YEAR: Final = datetime(2025, 1, 1, tzinfo=UTC)
INTERVAL: Final = {"mean": 0.2, "low": 0.1, "high": 0.3}
SIDE: Final = dict.fromkeys(("ndcg", "recall", "precision", "hit_rate"), INTERVAL)
HOLDOUT: Final = {"k": 10, "candidate": {**SIDE, "coverage": 0.5}, "popularity": SIDE}
MEASURED: Final = {"holdout": HOLDOUT, "n_products": 7, "data": {"related_products_share": 0.9}}


def histories() -> Iterator[list[Run]]:
    """Give histories of all that charts tell apart: nothing measured, one version, versions of a day and of days."""
    for n_runs, hours, measured in ((1, 0, {}), (1, 0, MEASURED), (3, 1, {}), (3, 24, {})):
        times = [NEW_YEAR + timedelta(hours=hours * number) for number in range(n_runs)]
        promoted = partial(Run, outcome=Outcome.PROMOTED, duration_seconds=1, version="1", **measured)
        yield [promoted(timestamp=at) for at in times]


def texts_of_charts() -> set[str]:
    asked = set()

    def note(text: str) -> str:
        asked.add(text)
        return text

    for runs in histories():
        charts_of(runs, note)
    return asked


def texts_of_templates() -> Iterator[str]:
    for template in (FOLDER / "templates").iterdir():
        for found in re.finditer(r"""\bt\((?:"([^"]+)"|'([^']+)')\)""", template.read_text()):
            yield found[1] or found[2]


@pytest.mark.parametrize("language", OTHERS)
def test_each_text_has_its_translation_and_each_translation_its_text(language: str) -> None:
    translated = tomllib.loads((FOLDER / "languages" / f"{language}.toml").read_text())
    assert set(translated) == {*texts_of_templates(), *texts_of_charts(), *FROM_ELSEWHERE}
    assert all(text.strip() for text in translated.values())


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        (None, "de,en;q=0.5,vi;q=0.7", "vi"),
        (None, "fr;q=x, en;q=0.1", "en"),
        ("en", "vi", "en"),
        ("klingon", "vi", "vi"),
        (None, "," * 10_000, "en"),
    ],
)
def test_what_was_chosen_comes_before_what_the_browser_wants(chosen: str | None, accepted: str, language: str) -> None:
    assert language_of(chosen, accepted) == language


def test_what_has_no_translation_stays_english() -> None:
    assert translator("vi")("no such text") == "no such text"
    assert translator("vi")("Overview") == "Tổng quan"
    assert translator("en")("Overview") == "Overview"
