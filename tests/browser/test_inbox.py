"""The count beside Inbox, over two devices."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.people import Chat


def count(page: Any) -> int:
    return int(page.locator("[data-inbox-count]").text_content())


def test_an_answer_that_nobody_looked_at_counts_until_it_is_read(begun: Any, device: Any) -> None:
    chat = begun("Anything new?")
    run = chat.claim()
    address = chat.url
    chat.page.goto("/team/")
    desk = begun("Something else?").page
    before = count(desk)
    run.message("Yes.")
    run.finish()
    badge = desk.locator("[data-inbox]")
    expect(desk.locator("[data-inbox-count]")).to_have_text(str(before + 1))
    expect(badge).to_be_visible()
    phone = device().new_page()
    phone.goto("/inbox/")
    assert count(phone) == before + 1
    row = phone.locator("tbody tr").first
    expect(row).to_contain_text("An answer is ready")
    row.get_by_role("link").click()
    phone.wait_for_url(address)
    Chat(phone).shows("Yes.")
    expect(desk.locator("[data-inbox-count]")).to_have_text(str(before))
    expect(phone.locator("[data-inbox-count]")).to_have_text(str(before))
