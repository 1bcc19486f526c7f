"""Each check has its runbook, and so has each alert that is no check's; there are no others."""

import re
from pathlib import Path

import pytest

from monitor.judging import CHECK_NAMES
from monitor.settings import MonitorSettings

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
RULES = Path(__file__).parents[2] / "charts" / "recommender" / "alerts" / "rules.yaml"
ALERTS = sorted(set(re.findall(r"runbooks\)/(\w+)\.md", RULES.read_text())) - set(CHECK_NAMES))
HEADINGS = ["## What it means", "## How to see it", "## What to do"]


def test_each_check_and_alert_has_its_runbook_and_each_runbook_its_check_or_alert() -> None:
    assert sorted(path.stem for path in RUNBOOKS.iterdir()) == sorted([*CHECK_NAMES, *ALERTS])
    assert len(CHECK_NAMES) == len(set(CHECK_NAMES))


@pytest.mark.parametrize("name", [*CHECK_NAMES, *ALERTS])
def test_runbook_says_what_it_means_how_to_see_it_and_what_to_do(name: str) -> None:
    lines = (RUNBOOKS / f"{name}.md").read_text().splitlines()
    assert lines[0].startswith(f"# {name}: ")
    assert [line for line in lines if line.startswith("## ")] == HEADINGS
    places = [lines.index(heading) for heading in HEADINGS]
    for begin, end in zip(places, [*places[1:], len(lines)], strict=True):
        assert any(line.strip() for line in lines[begin + 1 : end])


def test_runbooks_name_settings_that_there_are_and_link_to_runbooks_that_there_are() -> None:
    settings = {name.upper() for name in MonitorSettings.model_fields}
    for path in RUNBOOKS.iterdir():
        text = path.read_text()
        named = {word.strip("`.,:;()") for word in text.split() if word.startswith(("MAX_", "MIN_"))}
        assert named - {"MIN_CO_OCCURRENCE"} <= settings, path
        linked = {part.split(")")[0] for part in text.split("](")[1:]}
        assert all((RUNBOOKS / name).exists() for name in linked), path
