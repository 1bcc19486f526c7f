"""The console of a release, in a browser that knows nothing of it."""

from collections.abc import Callable
from statistics import median

from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.conftest import give_token
from tests.e2e.figures import Figures
from tests.e2e.shop import TOKEN, Shop

LOADS = 7
# Chromium notes when it first draws, counted from when it begins to ask for the page.
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def first_paint_seconds(chromium: Browser, url: str) -> float:
    """Give how long a browser without a cache takes until something of the page can be seen."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(url)
    page.wait_for_function(f"() => {FIRST_PAINT.replace('[0]', '[0]?')}")
    milliseconds: float = page.evaluate(FIRST_PAINT)
    context.close()
    return milliseconds / 1000


def names_of_jobs(shop: Shop) -> set[str]:
    return {job["metadata"]["name"] for job in shop.read("jobs")["items"]}


def reloaded_with(page: Page, text: str) -> Callable[[], bool]:
    """Load the page again, and tell whether it says something; a replica that goes may say nothing."""

    def told() -> bool:
        try:
            page.reload()
        except Error:
            return False
        return text in page.inner_text("main")

    return told


def test_the_overview_is_seen_within_a_second_and_names_the_version(
    installed: Shop, chromium: Browser, figures: Figures
) -> None:
    said: list[str] = []
    with installed.api() as url:
        page = chromium.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(url)
        expect(page.locator(".facts").first).to_contain_text(installed.current_version())
        page.close()
        seconds = sorted(first_paint_seconds(chromium, url) for _ in range(LOADS))
    assert said == []
    told = f"{seconds[0]:.2f} s, median {median(seconds):.2f} s"
    figures.add(f"console, first contentful paint, best of {LOADS}", told)
    assert seconds[0] < 1


def test_train_now_makes_a_job_and_its_end_is_seen_although_every_replica_is_exchanged(
    installed: Shop, chromium: Browser
) -> None:
    before, jobs_before = installed.current_version(), names_of_jobs(installed)
    with installed.api_across_rollouts() as url:
        page = chromium.new_page()
        page.goto(url)
        page.get_by_role("button", name="Train now").click()
        give_token(page, TOKEN)
        expect(page.locator("#progress-state")).to_have_text("promoted", timeout=180_000)
        (job,) = names_of_jobs(installed) - jobs_before
        assert installed.ended(job).succeeded
        version = installed.current_version()
        assert version != before
        installed.until(reloaded_with(page, version), "the console names the new version")
        page.close()
