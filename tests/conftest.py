"""What tests stand on: one simulator per process, a browser, and the rule that CI leaves nothing out."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from achievements_admin.simulator.process import SimulatorProcess
from tests.studio import Studio

CHROMIUM = os.environ.get("TEST_CHROMIUM") or shutil.which("chromium") or ""
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
# Per marker: whether what it needs is there, and what to say when it is not.
NEEDS = {
    "browser": (bool(CHROMIUM), "no chromium: set TEST_CHROMIUM"),
    "postgres": ("postgres" in os.environ.get("TEST_DATABASE_URL", ""), "no PostgreSQL: set TEST_DATABASE_URL"),
    "redis": (bool(os.environ.get("TEST_REDIS_URL")), "no Redis: set TEST_REDIS_URL"),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what can't run here; in CI that is a failure."""
    for marker, (is_there, sentence) in NEEDS.items():
        if item.get_closest_marker(marker) and not is_there:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{sentence}; CI leaves nothing out", pytrace=False)
            pytest.skip(sentence)


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """Sign-in throttling counts in the cache; no test inherits another's tries."""
    cache.clear()


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[SimulatorProcess]:
    """The one simulator of this process, where the settings look for Apple."""
    with SimulatorProcess(port=urlsplit(settings.ASC_API_URL).port or 0) as process:
        yield process


@pytest.fixture
def simulator(simulator_process: SimulatorProcess) -> SimulatorProcess:
    """The simulator with the demo studio, as new; `simulator.reset("big:100:10")` for another."""
    simulator_process.reset("demo")
    return simulator_process


@pytest.fixture
def studio(simulator_process: SimulatorProcess, transactional_db: None) -> Iterator[Studio]:
    """A small studio at Apple, its team connected; whatever was asked of Apple is judged by Apple's own document."""
    made = Studio(simulator_process)
    yield made
    made.judge()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this process."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Opens pages of the dashboard, each a visitor of its own; whatever the browser complains of fails the test.

    `open_page(width=390)` is a phone. Other keywords go to Playwright's new_context, `java_script_enabled` for one.
    """
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    with ExitStack() as contexts:

        def visit(*, width: int = 1440, height: int = 900, **options: object) -> Page:
            context = browser.new_context(
                base_url=live_server.url, viewport={"width": width, "height": height}, **options
            )
            contexts.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
            page.on("console", note)
            return page

        yield visit
    assert complaints == []
