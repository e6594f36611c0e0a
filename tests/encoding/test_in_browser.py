"""From closed deals to a draft in a real browser: two people decide line by line, one is told of the other."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.skills.test_in_browser import checked
from tests.support.topology import Topologies

PREPARED = """
from datetime import date
from sales_app.demo.load import load
from sales_app.people.models import User
from sales_app.skills import store
load(lambda line: None, today=date.today())
for name in ("Ravi", "Sam"):
    User.objects.create_user(email=f"{name.lower()}@example.com", password="a long password 1", role="revops", first_name=name)
text = b"---\\nname: deal-calls\\ndescription: How we call.\\n---\\n# Calls\\n\\n## Outline\\n\\n1. **On the call** - `attendee`, at most 6.\\n"
store.publish(store.draft("deal-calls", {"SKILL.md": text}, by=None, note="", origin="imported"), by=None, note="Start")
"""


@pytest.mark.timeout(600)
def test_line_by_line(topology: Topologies, browser: Browser, axe: str) -> None:
    clewline = topology.embedded(start=False)
    clewline.shell(PREPARED)
    clewline.start()
    complaints: list[str] = []

    def device(who: str) -> Page:
        context = browser.new_context()
        context.add_cookies(clewline.sign_in(f"{who}@example.com"))  # type: ignore[arg-type]
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    ravi, sam = device("ravi"), device("sam")
    ravi.goto(f"{clewline.url}/admin/sales_app/skill/", wait_until="networkidle")
    ravi.get_by_role("link", name="deal-calls").click()
    ravi.get_by_role("link", name="Learn from calls").click()
    checked(ravi, axe)
    ravi.get_by_role("button", name="Compare").click()
    expect(ravi.get_by_role("heading", name="won against")).to_be_visible(timeout=60_000)
    expect(ravi.get_by_text("Small sample")).to_be_visible()
    checked(ravi, axe)
    lines = ravi.get_by_role("article")
    count = lines.count()
    assert count >= 3
    expect(ravi.get_by_role("heading", name=f"{count} lines, {count} to decide")).to_be_visible()

    sam.goto(ravi.url, wait_until="networkidle")
    ravi.get_by_role("button", name="Accept line 1", exact=True).click()
    expect(ravi.get_by_role("article", name="Line 1", exact=True)).to_contain_text("Accepted")
    sam.get_by_role("button", name="Reject line 1", exact=True).click()
    expect(sam.get_by_text("was quicker")).to_be_visible()
    expect(sam.get_by_role("article", name="Line 1", exact=True)).to_contain_text("Accepted")

    wording = ravi.get_by_label("Wording of line 2", exact=True)
    wording.fill("Do this in 99 of 99 won deals.")
    ravi.get_by_role("button", name="Accept my wording of line 2", exact=True).click()
    expect(ravi.get_by_text("This was not counted")).to_be_visible()
    ravi.get_by_label("Wording of line 2", exact=True).fill("Our own words for it.")
    ravi.get_by_role("button", name="Accept my wording of line 2", exact=True).click()
    expect(ravi.get_by_role("article", name="Line 2", exact=True)).to_contain_text("Our own words for it.")
    for number in range(3, count + 1):
        ravi.get_by_role("button", name=f"Reject line {number}", exact=True).click()
        expect(ravi.get_by_role("article", name=f"Line {number}", exact=True)).to_contain_text("Rejected")
    checked(ravi, axe)
    ravi.get_by_role("button", name="Make the draft").click()
    expect(ravi.get_by_text("deal-calls v2 is a draft.")).to_be_visible()
    expect(ravi.get_by_label("SKILL.md", exact=True)).to_contain_text(
        "Our own words for it. <!-- from-calls:"
    )
    assert [each for each in complaints if "favicon" not in each] == []
