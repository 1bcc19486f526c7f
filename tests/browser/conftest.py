"""Debian's Chromium, driven as people use it, on a console that serves a shop with a history."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from registry.files import FileStore
from registry.history import Outcome, Run, append_run, write_health
from registry.registry import Registry
from tests.api.live import TOKEN, ThreadServer, settings_for
from tests.builders import publish

HEALTH: Final = {
    "status": "DEGRADED",
    "checked_at": "2025-01-05T02:00:00+00:00",
    "checks": [
        {"check": "users", "verdict": "ok", "value": 102, "threshold": 50, "unit": "users", "message": "102 users"},
        {"check": "last_run", "verdict": "warn", "message": "The last run was rejected by the rule events."},
    ],
}

Open = Callable[..., Page]


@pytest.fixture
def versions(tmp_path: Path) -> list[str]:
    """Give the versions of a store with runs of every outcome, oldest first."""
    registry = Registry(FileStore(tmp_path / "store"))
    made = [publish(registry) for _ in range(3)]
    for number, outcome in enumerate(Outcome):
        at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=number)
        version = made[0] if outcome is Outcome.PROMOTED else None
        append_run(registry.store, Run(timestamp=at, outcome=outcome, duration_seconds=12.5, version=version))
    write_health(registry.store, HEALTH)
    return made


@pytest.fixture
def console(tmp_path: Path, versions: list[str], trainer: list[str] | None) -> Iterator[ThreadServer]:
    """Serve the console of that store."""
    server = ThreadServer(settings_for(tmp_path / "store"), trainer)
    server.until_served(versions[-1])
    yield server
    server.end()


@pytest.fixture
def trainer() -> list[str] | None:
    """Give the command that trains; None where the API has no trainer beside it."""
    return None


@pytest.fixture
def open_page(chromium: Browser, console: ThreadServer) -> Iterator[Open]:
    """Open a page of the console in a browser that knows nothing of it; nothing may go wrong in its scripts."""
    contexts, wrong = [], []

    def open_page(path: str = "/", **options: object) -> Page:
        contexts.append(chromium.new_context(**options))  # type: ignore[arg-type]  # Playwright's own options
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(f"http://127.0.0.1:{console.port}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def give_token(page: Page, token: str = TOKEN) -> None:
    """Answer the question that a button asks."""
    page.get_by_label("Admin token", exact=True).fill(token)
    page.get_by_role("button", name="Go on").click()
