"""The lists in a real browser: searching, going back."""

from typing import Any

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
