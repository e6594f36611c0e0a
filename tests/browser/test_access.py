"""Everybody can use it: axe finds nothing, in light and dark, on a desk and on a phone; the keyboard reaches all."""

from typing import Any

import pytest

from tests.browser.people import Chat, Site
from tests.browser.test_page import ANSWER

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}


def findings(page: Any, axe: str) -> list[str]:
    """Violations of WCAG 2.2 A and AA and axe's best practices, with the first element of each."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe(site: Site, device: Any, axe: str, scheme: str, size: dict[str, Any]) -> None:
    # The page's policy allows no foreign script, axe's included; the policy itself is tested elsewhere.
    context = device(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True, **size)
    page = context.new_page()
    for path in ("/chat/", "/chat/?list=1", "/chat/?archived=1"):
        page.goto(path)
        assert findings(page, axe) == [], path
    chat = Chat.begin(context, "Show everything") if size is DESK else _by_button(context, "Show everything")
    run = chat.claim()
    run.tool("find_accounts", {"query": "Acme"}, "3 accounts")
    run.tool("open_deals", {"account": 9}, "No such account", error=True)
    run.message(ANSWER)
    run.say("Partial")
    chat.page.wait_for_selector(".answer[data-status=streaming]")
    assert findings(chat.page, axe) == []
    run.fail("The model could not be reached.")
    chat.page.wait_for_selector(".run-error")
    chat.page.locator("summary", has_text="Find accounts").click()
    chat.page.get_by_label("More about this chat").click()
    assert findings(chat.page, axe) == []
    page.goto("/inspect/")
    assert findings(page, axe) == []
    page.goto(f"/inspect/{chat.id}/?at=9")
    assert findings(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _by_button(context: Any, text: str) -> Chat:
    """On a phone Enter breaks the line; the button sends."""
    page = context.new_page()
    page.goto("/chat/new/?agent=scripted")
    page.fill("#composer-text", text)
    page.press("#composer-text", "Enter")
    assert page.input_value("#composer-text") == f"{text}\n"
    page.tap(".send")
    page.wait_for_url("**/chat/*-*-*/")
    chat = Chat(page)
    chat.live()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return chat


def test_nothing_moves_for_those_who_want_it_still(site: Site, begun: Any) -> None:
    chat = begun("Keep still", reduced_motion="reduce")
    chat.claim().say("Writing")
    chat.shows("Writing")
    moving = "document.getAnimations().filter(each => each.playState === 'running').length"
    assert chat.page.evaluate(moving) == 0


def test_the_keyboard_alone(site: Site, begun: Any) -> None:
    chat = begun("First")
    page = chat.page
    page.keyboard.press("Control+/")
    assert page.locator("#chat-help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#chat-help").is_visible()
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.id") == "chat-search"
    page.keyboard.press("Control+j")
    assert page.evaluate("document.activeElement.id") == "composer-text"
    page.get_by_label("More about this chat").focus()
    page.keyboard.press("Enter")
    assert page.locator("details.menu").get_attribute("open") is not None
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator("details.menu").get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
