"""The console's languages: which one a reader gets, and that none of them lacks a word."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

import pytest

from api.console.language import ENGLISH, LANGUAGES, language_of, translator
from api.health_figures import STATUSES, VERDICTS
from model.answers import Source
from registry.history import Outcome

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
    *("this recipe", "popular products", "has a neighbour", "recommended to anyone"),
}


def texts_of_templates() -> Iterator[str]:
    for template in (FOLDER / "templates").iterdir():
        for found in re.finditer(r"""\bt\((?:"([^"]+)"|'([^']+)')\)""", template.read_text()):
            yield found[1] or found[2]


@pytest.mark.parametrize("language", OTHERS)
def test_each_text_has_its_translation_and_each_translation_its_text(language: str) -> None:
    translated = tomllib.loads((FOLDER / "languages" / f"{language}.toml").read_text())
    assert set(translated) == {*texts_of_templates(), *FROM_ELSEWHERE}
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
