"""The control panel's pages of skills in a real browser: edit, compare, publish, roll back; nothing blocked, readable for all."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.topology import Topologies

PREPARED = """
from sales_app.people.models import User
from sales_app.skills import store
User.objects.create_user(email="ravi@example.com", password="a long password 1", role="revops", first_name="Ravi")
text = b"---\\r\\nname: deal-notes\\r\\ndescription: Notes of a deal.\\r\\n---\\r\\nFirst\\r\\n"
version = store.draft("deal-notes", {"SKILL.md": text, "logo.png": b"\\x89"}, by=None, note="", origin="imported")
store.publish(version, by=None, note="Start")
"""
CHECK = """
from sales_app.skills import store
from sales_app.skills.models import Skill
versions = Skill.objects.get(name="deal-notes").versions.order_by("number")
print([store.files_of(version) for version in versions])
"""


def checked(page: Page, axe: str) -> None:
    """What this page brought itself, without the theme around it, in both of the theme's looks."""
    page.evaluate(axe)
    for look in (False, True):
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", look)
        found = page.evaluate(
            "async () => (await axe.run('.skill-page', {runOnly: ['wcag2a', 'wcag2aa']})).violations"
        )
        assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == [], look


@pytest.mark.timeout(300)
def test_edit_publish_and_roll_back(topology: Topologies, browser: Browser, axe: str) -> None:
    clewline = topology.embedded()
    clewline.shell(PREPARED)
    context = browser.new_context()
    context.add_cookies(clewline.sign_in("ravi@example.com"))  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{clewline.url}/admin/sales_app/skill/", wait_until="networkidle")
    page.get_by_role("link", name="deal-notes").click()
    expect(page.get_by_role("heading", name="Version 1 is published")).to_be_visible()
    checked(page, axe)

    page.get_by_role("link", name="Edit version 1").click()
    text = page.get_by_label("Text of SKILL.md")
    expect(text).to_have_value("---\nname: deal-notes\ndescription: Notes of a deal.\n---\nFirst\n")
    text.fill(f"{text.input_value()}Second\n\n## Outline\n\n1. **Odd** - `nobody_makes_this`, at most 2.\n")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("no collector makes such facts")).to_be_visible()
    checked(page, axe)
    page.get_by_label("Why").fill("Say the second thing")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("deal-notes v2 is saved as a draft.")).to_be_visible()
    checked(page, axe)

    page.get_by_role("link", name="Compare with the published version 1").click()
    expect(page.locator("tr.added", has_text="Second")).to_be_visible()
    expect(page.locator("tr.same", has_text="First")).to_be_visible()
    checked(page, axe)
    page.go_back()

    page.get_by_label("Why: Publish").fill("Reps asked")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Version 2 is published")).to_be_visible()
    page.get_by_label("Why: Roll back").fill("Too long")
    page.get_by_role("button", name="Roll back to version 1").click()
    expect(page.get_by_role("heading", name="Version 1 is published")).to_be_visible()
    expect(page.get_by_role("row", name="Rolled back to version 1")).to_contain_text("Too long")
    assert complaints == []
    context.close()

    first = b"---\r\nname: deal-notes\r\ndescription: Notes of a deal.\r\n---\r\nFirst\r\n"
    second = first + b"Second\r\n\r\n## Outline\r\n\r\n1. **Odd** - `nobody_makes_this`, at most 2.\r\n"
    assert (
        clewline.shell(CHECK)
        .strip()
        .endswith(str([{"SKILL.md": first, "logo.png": b"\x89"}, {"SKILL.md": second, "logo.png": b"\x89"}]))
    )
