"""The console's stories, in a real browser."""

import sys
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Route, expect

from tests.api.live import ThreadServer
from tests.browser.conftest import Open, give_token
from tests.parts.missing import PartMissingError
from tests.programs.npm_packages import npm_packages

PAGES: Final = ("/", "/console/health", "/console/versions", "/console/runs", "/console/try?product=10")
PHONE: Final = {"width": 375, "height": 700}
# A trainer that takes its time, so that its progress can be watched.
SLOW_TRAINER: Final = """
import json, sys, time
def say(**fields):
    print(json.dumps(fields), file=sys.stderr, flush=True)
say(message="Loaded 8,014 purchase records")
time.sleep(2)
say(message="Outcome: rejected", event="run_finished", outcome="rejected")
"""
LOSSES: Final = (lambda route: route.abort(), lambda route: route.fulfill(status=502))


@pytest.mark.parametrize("trainer", [[sys.executable, "-c", SLOW_TRAINER]])
def test_a_training_that_is_started_here_tells_how_far_it_is(open_page: Open) -> None:
    page = open_page("/")
    page.get_by_role("button", name="Train now").click()
    expect(page.get_by_role("dialog")).to_contain_text("Train a new model now?")
    give_token(page)
    expect(page.locator("#progress-log")).to_contain_text("Loaded 8,014 purchase records")
    expect(page.locator("#progress-state")).to_have_text("running")
    expect(page.locator("#progress-state")).to_have_text("rejected")
    expect(page.get_by_role("status")).to_have_text("rejected")


@pytest.mark.parametrize("trainer", [[sys.executable, "-c", SLOW_TRAINER]])
@pytest.mark.parametrize("lose", LOSSES, ids=["no answer", "bad gateway"])
def test_a_training_is_followed_past_a_replica_that_goes(open_page: Open, lose: Callable[[Route], None]) -> None:
    page = open_page("/")
    page.route("**/api/model/runs/*", lose, times=2)
    page.get_by_role("button", name="Train now").click()
    give_token(page)
    expect(page.locator("#progress-state")).to_have_text("rejected")


def test_a_wrong_token_changes_nothing_and_is_said_to_be_wrong(open_page: Open, versions: list[str]) -> None:
    page = open_page("/console/versions")
    page.get_by_role("button", name=f"Put in service {versions[0]}").click()
    give_token(page, "wrong")
    expect(page.get_by_role("status")).to_contain_text("Bearer")
    expect(page.get_by_role("row", name=versions[-1])).to_contain_text("in service")


def test_an_earlier_version_is_put_in_service(open_page: Open, versions: list[str]) -> None:
    page = open_page("/console/versions")
    page.get_by_role("button", name=f"Put in service {versions[0]}").click()
    expect(page.get_by_role("dialog")).to_contain_text(versions[0])
    give_token(page)
    expect(page.get_by_role("row", name=versions[0]).locator(".pill")).to_have_text("in service")


def test_whoever_thinks_again_cancels_by_keyboard(open_page: Open, console: ThreadServer, versions: list[str]) -> None:
    page = open_page("/console/versions")
    button = page.get_by_role("button", name=f"Put in service {versions[0]}")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Admin token", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    console.until_served(versions[-1])


def test_the_keyboard_leads_past_the_menu(open_page: Open) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_phone(open_page: Open, path: str) -> None:
    page = open_page(path, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(open_page: Open, path: str, scheme: str) -> None:
    try:
        axe = npm_packages("axe") / "node_modules" / "axe-core" / "axe.min.js"
    except PartMissingError as missing:
        pytest.skip(str(missing))
    page = open_page(path, color_scheme=scheme, bypass_csp=True)
    page.add_script_tag(path=axe)
    found = page.evaluate("axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))")
    assert found == []


def test_the_language_is_the_readers_own(open_page: Open) -> None:
    page = open_page("/", locale="vi-VN")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đang phục vụ")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is in service")
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs")


def test_what_a_model_says_is_tried_beside_another(open_page: Open, versions: list[str]) -> None:
    page = open_page("/console/try")
    page.get_by_label("or user").fill("1")
    page.get_by_label("beside version").select_option(versions[0])
    page.get_by_role("button", name="Show").click()
    for version in (versions[0], versions[-1]):
        expect(page.get_by_role("region", name=version).get_by_role("listitem").first).to_be_visible()
