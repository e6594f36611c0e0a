"""Lists and forms in a real browser: searching, going back, small screens, what fits a kind of activity."""

from typing import Any

import pytest
from playwright.sync_api import expect


def test_going_back_restores_the_list_and_its_search(device: Any) -> None:
    page = device().new_page()
    for name in ("Oskara Forwarding", "Velmont Solar"):
        page.goto("/accounts/new/")
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.goto("/accounts/")
    search, table = page.get_by_label("Search"), page.locator("#list table")

    search.press_sequentially("oskara")
    expect(table).not_to_contain_text("Velmont Solar")
    page.wait_for_url("**q=oskara**")

    page.go_back()
    expect(table).to_contain_text("Velmont Solar")
    expect(search).to_have_value("")

    page.go_forward()
    expect(table).not_to_contain_text("Velmont Solar")
    expect(search).to_have_value("oskara")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Velmont" not in kept, "records stay in the browser after signing out"


SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(".table-wrap, .inspect-scroll")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => `${box.className} ${box.scrollWidth} in ${box.clientWidth}`)"""


def test_the_accounts_fit_the_page_at_every_width(device: Any) -> None:
    page = device().new_page()
    page.goto("/accounts/new/")
    page.get_by_label("Name").fill("Brightwater International Forwarding")
    page.get_by_label("Industry").fill("Professional services")
    page.get_by_label("Country").fill("United Kingdom")
    page.locator("#id_arr").fill("1234567")
    page.get_by_label("Next step").fill("Send the contract to their lawyers before the board meets")
    page.get_by_role("button", name="Save").click()
    page.goto("/accounts/")
    expect(page.get_by_role("link", name="Brightwater International Forwarding")).to_be_visible()
    for width in (390, 768, 900, 1024, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(SIDEWAYS) == [], width


@pytest.mark.parametrize("scripts", [True, False])
def test_an_activity_asks_for_what_fits_its_kind(device: Any, scripts: bool) -> None:
    page = device(java_script_enabled=scripts).new_page()
    page.goto("/activities/new/")
    own = {
        "call": {"Ends at", "Attendees"},
        "email": set(),
        "meeting": {"Ends at", "Location", "Attendees"},
        "note": set(),
        "task": {"Due", "Done"},
    }
    every = set().union(*own.values())
    for kind, fitting in own.items():
        page.select_option("#id_kind", kind)
        for label in every:
            expect(page.get_by_label(label)).to_be_visible(visible=label in fitting)


def test_the_inspector_fits_a_phone(begun: Any, device: Any) -> None:
    chat = begun("Which deals close this month?")
    run = chat.claim()
    run.tool("find_deals", {"close_to": "2026-11-30"}, "12 deals")
    run.message("Twelve.")
    run.finish()
    chat.finished()
    page = device(viewport={"width": 390, "height": 800}, is_mobile=True, has_touch=True).new_page()
    for path in ("/inspect/", f"/inspect/{chat.id}/"):
        page.goto(path)
        expect(page.locator("main tbody tr").first).to_contain_text("Mia")
        assert page.evaluate(SIDEWAYS) == [], path
