"""Somebody who signs in, and a judge of accessibility."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from achievements_admin.models import Member
from tests import factories


@pytest.fixture
def lead(transactional_db: None) -> Member:
    """Somebody who may do everything that these journeys do."""
    return factories.member("lead", email="lena@example.com")


@pytest.fixture
def signed_in(open_page: Callable[..., Page], lead: Member) -> Callable[..., Page]:
    """`signed_in(width=390)` is a page on which the lead has just signed in by hand."""

    def sign_in(**options: object) -> Page:
        page = open_page(**options)
        page.goto("/")
        page.get_by_label("Email").fill(lead.email)
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Games").first.wait_for()
        return page

    return sign_in


@pytest.fixture
def check() -> Callable[[Page], None]:
    """`check(page)` fails with what axe finds wrong."""
    axe = Axe()

    def judge(page: Page) -> None:
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
        assert found.violations_count == 0, found.generate_report()

    return judge
