"""The reference names every setting, and no other; every picture is there, shown, and small."""

import re
from pathlib import Path

from api.settings import ApiSettings
from monitor.settings import MonitorSettings
from trainer.settings import TrainerSettings

DOCS = Path(__file__).parents[1] / "docs"
REFERENCE = (DOCS / "reference.md").read_text()
SETTINGS = {name.upper() for one in (TrainerSettings, ApiSettings, MonitorSettings) for name in one.model_fields}


def documented() -> set[str]:
    rows = [line.split("|") for line in REFERENCE.split("## Settings")[1].split("##")[0].splitlines() if "|" in line]
    return {name for row in rows for name in re.findall(r"[A-Z][A-Z0-9_]+", row[1])}


def test_the_reference_names_every_setting() -> None:
    assert SETTINGS - documented() == set()


def test_the_reference_names_no_setting_that_does_not_exist() -> None:
    assert documented() - SETTINGS == set()


def test_every_picture_is_there_and_shown() -> None:
    pages = [page.read_text() for page in DOCS.glob("*.md")]
    shown = {DOCS / name for page in pages for name in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page)}
    assert shown == set(DOCS.rglob("*.png"))


def test_pictures_are_small() -> None:
    sizes = [picture.stat().st_size for picture in DOCS.rglob("*.png")]
    assert max(sizes) < 150_000
    assert sum(sizes) < 1_000_000
