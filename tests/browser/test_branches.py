"""A message said otherwise and an answer asked for once more are branches, the same on every device."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.people import Chat, Site
from tests.browser.test_access import PHONE


def answered(chat: Chat, text: str) -> None:
    run = chat.claim()
    run.message(text)
    run.finish()
    expect(chat.page.locator(".turn:visible .answer").last).to_have_text(text)


def shown(chat: Chat, *texts: str) -> None:
    """What people and agents are shown to have said, in order."""
    expect(chat.page.locator("#items .said:visible, #items .answer:visible")).to_have_text(list(texts))


def versions(chat: Chat) -> Any:
    return chat.page.locator(".versions:visible")


def test_a_message_said_otherwise_on_both_devices(site: Site, device: Any, begun: Any) -> None:
    desk = begun("Deals of Acme")
    answered(desk, "Two deals.")
    desk.page.fill("#composer-text", "And of Globex?")
    desk.page.keyboard.press("Enter")
    answered(desk, "One deal.")
    phone = Chat.open(device(**PHONE), desk.url)
    shown(phone, "Deals of Acme", "Two deals.", "And of Globex?", "One deal.")

    message = desk.page.locator(".msg-user", has_text="And of Globex?")
    message.hover()
    message.get_by_role("button", name="Edit").click()
    message.get_by_label("New wording").fill("And of Initech?")
    message.get_by_role("button", name="Ask again").click()
    for chat in (desk, phone):
        expect(chat.page.locator(".said:visible").last).to_have_text("And of Initech?")
    answered(desk, "No deal.")
    for chat in (desk, phone):
        shown(chat, "Deals of Acme", "Two deals.", "And of Initech?", "No deal.")
        expect(versions(chat)).to_have_text("‹2 of 2›")

    phone.page.get_by_role("button", name="Previous version").tap()
    for chat in (desk, phone):
        shown(chat, "Deals of Acme", "Two deals.", "And of Globex?", "One deal.")
        expect(versions(chat)).to_have_text("‹1 of 2›")
    desk.page.reload()
    shown(desk, "Deals of Acme", "Two deals.", "And of Globex?", "One deal.")


def test_the_same_message_answered_once_more(site: Site, begun: Any) -> None:
    chat = begun("Sum up last week")
    answered(chat, "It was quiet.")
    chat.page.get_by_role("button", name="Answer again").click()
    answered(chat, "Three meetings.")
    shown(chat, "Sum up last week", "Three meetings.")
    chat.page.get_by_role("button", name="Previous version").click()
    shown(chat, "Sum up last week", "It was quiet.")


def test_a_message_left_as_it_was_is_not_sent(site: Site, begun: Any) -> None:
    chat = begun("Sum up last week")
    answered(chat, "It was quiet.")
    chat.page.locator(".msg-user").hover()
    chat.page.get_by_role("button", name="Edit").click()
    chat.page.get_by_label("New wording").press("Escape")
    chat.page.locator(".msg-user").hover()
    chat.page.get_by_role("button", name="Edit").click()
    chat.page.get_by_role("button", name="Ask again").click()
    shown(chat, "Sum up last week", "It was quiet.")
    assert len(site.rows("SELECT id FROM clewline_run WHERE session_id = ?", site.key(chat.id))) == 1
