"""RevOps breaks a skill, is stopped by its evaluation, mends it, publishes it, rolls it back; each time the next chat uses the right one."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.topology import Topologies

PREPARED = """
from sales_app.demo.load import load
from sales_app.skills.shipped import install_shipped
load(lambda line: None)
install_shipped()
"""
SECTION = "2. **Who is on it**"
EVALUATION_MS = 60_000


def signed_in(browser: Browser, clewline: object, email: str) -> Page:
    context = browser.new_context()
    context.add_cookies(clewline.sign_in(email))  # type: ignore[attr-defined]
    context.set_default_timeout(20_000)
    return context.new_page()


def edited(page: Page, url: str, old: str, new: str, why: str) -> None:
    """The newest version, with ``old`` replaced, saved as a draft whose page is open then."""
    page.goto(url)
    page.get_by_role("link", name=re.compile("^Edit version")).click()
    text = page.get_by_label("Text of SKILL.md")
    before = text.input_value()
    assert old in before
    text.fill(before.replace(old, new))
    page.get_by_label("Why").fill(why)
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("is saved as a draft")).to_be_visible()


def evaluated(page: Page) -> None:
    page.get_by_label("Runs of each case").fill("1")
    page.get_by_role("button", name=re.compile("^Evaluate")).click()
    expect(page.get_by_role("progressbar", name="Runs that are done")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^Finished"))).to_be_visible(timeout=EVALUATION_MS)
    expect(page.get_by_text("Stand-in: proves plumbing, not quality.", exact=False).first).to_be_visible()


def sections(page: Page, base: str) -> str:
    """The answer to a new chat's ``/call-prep``."""
    page.goto(f"{base}/chat/new/?agent=copilot")
    page.fill("#composer-text", "/call-prep Dunrow Clinics")
    page.get_by_role("button", name="Send", exact=True).click()
    opened = page.get_by_role("main").get_by_role("link", name=re.compile("^Open Call prep"))
    expect(opened.last).to_be_visible(timeout=EVALUATION_MS)
    return page.get_by_role("main").inner_text()


@pytest.mark.timeout(600)
def test_a_regression_blocks_is_mended_published_and_rolled_back(
    topology: Topologies, browser: Browser, axe: str
) -> None:
    clewline = topology.embedded(env={"CLEWLINE_STANDIN_SPEED": "0"})
    clewline.shell(PREPARED)
    page, rep = (
        signed_in(browser, clewline, "indira@clewline.example"),
        signed_in(browser, clewline, "dana@clewline.example"),
    )
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    assert "Who is on it" in sections(rep, clewline.url)

    # Without the section: evaluated, blocked with the reason.
    page.goto(f"{clewline.url}/admin/sales_app/skill/")
    page.get_by_role("link", name="call-prep").click()
    home = page.url
    edited(page, home, SECTION, "2. **Attendance**", "Another title")
    draft = page.url
    page.get_by_label("Why: Publish").fill("Quickly")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("It was not evaluated yet")).to_be_visible()
    page.goto(draft)
    evaluated(page)
    expect(page.get_by_role("heading", name="Finished: it may not be published")).to_be_visible()
    expect(page.get_by_text("“has section Who is on it” must hold").first).to_be_visible()
    page.evaluate(axe)
    found = page.evaluate(
        "async () => (await axe.run('.skill-page', {runOnly: ['wcag2a', 'wcag2aa']})).violations"
    )
    assert [each["id"] for each in found] == []
    page.goto(draft)
    expect(page.get_by_text("Publish anyway")).to_have_count(0)  # RevOps may not
    page.get_by_label("Why: Publish").fill("All the same")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("may not be published").first).to_be_visible()
    expect(page.get_by_role("heading", name="Version 1 is published")).to_be_visible()
    said = sections(rep, clewline.url)
    assert "Who is on it" in said and "Attendance" not in said

    # Mended: the section is back, another has a new name.
    edited(page, home, "2. **Attendance**", SECTION, "It must have that title")
    edited(page, home, "**Where we stand**", "**State of play**", "Plainer")
    evaluated(page)
    expect(page.get_by_role("heading", name="Finished: it may be published")).to_be_visible()
    page.get_by_role("link", name="Version 4").first.click()
    page.get_by_label("Why: Publish").fill("Evaluated")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("heading", name="Version 4 is published")).to_be_visible()
    assert "State of play" in sections(rep, clewline.url)

    page.get_by_label("Why: Roll back").fill("Reps want the old title")
    page.get_by_role("button", name="Roll back to version 1").click()
    expect(page.get_by_role("heading", name="Version 1 is published")).to_be_visible()
    said = sections(rep, clewline.url)
    assert "Where we stand" in said and "State of play" not in said
    assert complaints == []
