"""`python -m tests.browser.screenshots`: the pictures of the console in docs/console, of a shop's week."""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser

from runtime.errors import Exit, RecommenderError
from runtime.process import run
from tests.api.live import REPOSITORY
from tests.browser.nights import Week, a_week
from tests.parts.chromium import running_chromium
from tests.parts.missing import PartMissingError, find_program
from tests.parts.telling import tell

FOLDER: Final = REPOSITORY / "docs" / "console"
_WIDE: Final = {"width": 1280, "height": 800}
_PHONE: Final = {"width": 390, "height": 844}
_MOST_BYTES: Final = 150_000
_REMEDY: Final = "pngquant is not installed: apt-get install libfaketime pngquant"


@dataclass(frozen=True)
class Picture:
    """A page as one reader's browser shows it; {first} and {last} in its path are versions of the week."""

    name: str
    path: str
    whole: bool = True
    reader: dict[str, Any] = field(default_factory=dict)


PICTURES: Final = (
    Picture("overview", "/"),
    Picture("health", "/console/health", whole=False),
    Picture("versions", "/console/versions"),
    Picture("card", "/console/versions/{last}/card", whole=False),
    Picture("runs", "/console/runs"),
    Picture("try", "/console/try?user=42&against={first}", whole=False),
    Picture("dark", "/", whole=False, reader={"color_scheme": "dark"}),
    Picture("phone", "/", whole=False, reader={"viewport": _PHONE}),
    Picture("vietnamese", "/console/versions", reader={"locale": "vi-VN"}),
)


def main() -> Exit:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="recommender-week-") as folder, running_chromium() as chromium:
            _take_all(a_week(Path(folder)), chromium)
    except PartMissingError as missing:
        raise RecommenderError(str(missing)) from missing
    return Exit.DONE


def _take_all(week: Week, chromium: Browser) -> None:
    week.live()
    versions = [summary.version for summary in week.registry.versions()]
    quantise = [find_program("pngquant", _REMEDY), "--ext=.png", "--force", "--strip", "--speed=1", "64"]
    with week.served() as server:
        for picture in PICTURES:
            path = picture.path.format(first=versions[0], last=versions[-1])
            _take(picture, f"http://127.0.0.1:{server.port}{path}", chromium, quantise)


def _take(picture: Picture, url: str, chromium: Browser, quantise: Sequence[str]) -> None:
    context = chromium.new_context(**{"viewport": _WIDE, **picture.reader})
    page = context.new_page()
    page.goto(url)
    file = FOLDER / f"{picture.name}.png"
    page.screenshot(path=file, full_page=picture.whole)
    context.close()
    subprocess.run([*quantise, str(file)], check=True)
    size = file.stat().st_size
    tell(f"{file.relative_to(REPOSITORY)}: {size:,} bytes")
    if size > _MOST_BYTES:
        raise RecommenderError(f"{file} has {size:,} bytes", hint=f"Show less: {_MOST_BYTES:,} is the most")


if __name__ == "__main__":
    run(main)
