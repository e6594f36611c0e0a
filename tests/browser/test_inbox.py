"""The count beside Inbox, over two devices."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.people import Chat

NUMBER = "nav [data-inbox-count]"


def count(page: Any) -> int:
    return int(page.locator(NUMBER).text_content())


def test_an_answer_that_nobody_looked_at_counts_until_it_is_read(begun: Any, device: Any) -> None:
    chat = begun("Anything new?")
    run = chat.claim()
    address = chat.url
    chat.page.goto("/team/")
    desk = begun("Something else?").page
    before = count(desk)
    run.message("Yes.")
    run.finish()
    badge = desk.locator("nav [data-inbox]")
    expect(desk.locator(NUMBER)).to_have_text(str(before + 1))
    expect(badge).to_be_visible()
    phone = device(viewport={"width": 390, "height": 800}).new_page()
    phone.goto("/team/")
    head = phone.locator("header [data-inbox]")
    expect(head).to_have_text(f"Inbox {before + 1} new")
    head.click()
    phone.wait_for_url("**/inbox/")
    row = phone.locator("tbody tr").first
    expect(row).to_contain_text("An answer is ready")
    row.get_by_role("link").click()
    phone.wait_for_url(address)
    Chat(phone).shows("Yes.")
    expect(desk.locator(NUMBER)).to_have_text(str(before))
    expect(phone.locator(NUMBER)).to_have_text(str(before))


def test_pages_without_a_line_ask_for_the_count_when_they_are_looked_at(begun: Any) -> None:
    chat = begun("Anything else?")
    run = chat.claim()
    page, address = chat.page, chat.url
    page.goto("/team/")
    before = count(page)
    run.message("No.")
    run.finish()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator(NUMBER)).to_have_text(str(before + 1))
    expect(page.locator("nav [data-inbox]")).to_be_visible()
    page.goto(address)
    chat.shows("No.")
    expect(page.locator(NUMBER)).to_have_text(str(before))
