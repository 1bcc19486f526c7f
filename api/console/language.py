"""The languages of the console: English, in which it is written, and those that it is translated to."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from plots.translation import Translate, english

ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({ENGLISH: "English", "vi": "Tiếng Việt"})
_FOLDER: Final = Path(__file__).parent / "languages"


def language_of(chosen: str | None, accepted: str) -> str:
    """Give the language that was chosen before, else the most wanted of the Accept-Language header."""
    wanted = [*([chosen] if chosen else []), *_by_preference(accepted)]
    return next((language for language in wanted if language in LANGUAGES), ENGLISH)


def translator(language: str) -> Translate:
    """Give the function that puts the console's own words into a language; what has no translation stays as it is."""
    if language == ENGLISH:
        return english
    texts = _texts(language)
    return lambda text: texts.get(text, text)


@cache
def _texts(language: str) -> Mapping[str, str]:
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        return dict(tomllib.load(file))


def _by_preference(accepted: str) -> list[str]:
    """Give the languages of an Accept-Language header without their countries, the most wanted first."""
    found = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            found.append((-float(quality or 1), place, tag.partition("-")[0].strip().lower()))
        except ValueError:
            continue
    return [tag for _, _, tag in sorted(found)]
