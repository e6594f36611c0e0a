"""Skills on the demo company, from the slash to the finished page: palette, steps, summary, page, PDF; and what happens on the way."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.people import Chat, Line, Site
from tests.browser.test_access import DESK, PHONE
from tests.support.topology import Templates, Topologies

# A request that holds these words is written so slowly that one can come in between.
GENTLY = "take your time"
SLOW = [{"match": GENTLY, "speed": 20, "times": 50}]


@pytest.fixture(scope="module")
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, templates: Templates
) -> Iterator[Site]:
    """The demo company with its skills; Dana is a rep of it."""
    made = Topologies(tmp_path_factory.mktemp("company"), templates)
    try:
        option = request.config.getoption
        env = {"CLEWLINE_STANDIN_SPEED": "0", "CLEWLINE_STANDIN_NEXT": json.dumps(SLOW)}
        site = Site(made.embedded(server=option("--server"), store=option("--db"), env=env))
        site.clewline.manage("demo")
        site.clewline.manage("skills", "install")
        site.made["dana"] = {"cookie": site.clewline.sign_in("dana@clewline.example")[0]["value"]}
        yield site
    finally:
        made.close()


@pytest.fixture
def dana(browser: Any, company: Site) -> Iterator[Any]:
    """``dana()`` is one more device of hers. None may have seen an error or called a foreign host."""
    made = []

    def one(**options: Any) -> Any:
        made.append(company.device(browser, "dana", **{**DESK, **options}))
        return made[-1]

    yield one
    problems = [problem for context in made for problem in context.problems]
    for context in made:
        context.close()
    assert problems == []


def ask(context: Any, text: str) -> Chat:
    page = context.new_page()
    page.goto("/chat/new/")
    chat = Chat(page)
    chat.send(text)
    page.wait_for_url("**/chat/*-*-*/")
    chat.live()
    return chat


def published(chat: Chat, versions: int = 1) -> None:
    expect(chat.page.locator(".artifact")).to_have_count(versions, timeout=60_000)
    chat.finished(versions)


def frame_of(chat: Chat) -> Any:
    """The page that was made, in the panel beside the chat."""
    chat.page.locator(".artifact-open").last.click()
    frame = chat.page.frame_locator(".artifact-frame iframe")
    expect(frame.locator("h1").first).to_be_visible()
    return frame


SKILLS = [
    ("morning-brief", "", "", "Morning brief"),
    ("call-prep", "Dunrow", "Dunrow Clinics", "Call prep: Dunrow Clinics"),
    ("customer-follow-up", "Dunrow", "Dunrow Clinics", "Customer follow up: Dunrow Clinics"),
    ("competitive-intel", "Dunrow", "Dunrow Clinics", "Competitive intel: Dunrow Clinics"),
    ("create-asset", "one-pager for Dunrow", "Dunrow Clinics", "One-pager: Dunrow Clinics"),
]


@pytest.mark.parametrize(("name", "typed", "account", "title"), SKILLS, ids=[skill[0] for skill in SKILLS])
def test_from_slash_to_page(dana: Any, name: str, typed: str, account: str, title: str) -> None:
    page = dana().new_page()
    page.goto("/chat/new/")
    box = page.locator("#composer-text")
    box.press_sequentially(f"/{name[:5]}")
    option = page.get_by_role("option", name=f"/{name}")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
    box.press("Enter")
    expect(box).to_have_value(f"/{name} ")
    expect(page.locator(".slash-help")).to_contain_text(f"/{name}")
    if typed:
        box.press_sequentially(typed)
        page.get_by_role("option", name=account).first.wait_for()
        box.press("ArrowDown")
        box.press("Enter")
        expect(box).to_have_value(re.compile(rf"^/{name} .*{account} $"))
        expect(page.locator("#slash")).to_be_hidden()
    box.press("Escape")
    box.press("Enter")
    page.wait_for_url("**/chat/*-*-*/")
    chat = Chat(page)
    published(chat)

    steps = page.locator(".steps")
    expect(steps).to_have_attribute("data-state", "done")
    expect(page.locator(".tool")).to_have_count(0)  # one checklist instead of cards
    if not steps.locator("details").get_attribute("open"):
        steps.locator("summary").click()
    expect(steps.locator(".step").last).to_contain_text("Publish it")
    assert steps.locator(".step").count() >= 3
    expect(steps.locator(".steps-state")).to_have_text(re.compile(r"^\d+ steps · .*\$0"))

    link = page.locator(".answer").get_by_role("link", name=f"Open {title}")
    expect(link).to_be_visible()
    expect(frame_of(chat).locator("h1").first).to_contain_text(account or "Morning brief")
    pdf = page.locator(".artifact-panel-head").get_by_role("link", name="PDF").get_attribute("href")
    answer = page.request.get(str(pdf))
    assert answer.status == 200 and answer.body().startswith(b"%PDF")


def test_citations_show_their_words(dana: Any, axe: str) -> None:
    chat = ask(dana(), "/competitive-intel Dunrow Clinics")
    published(chat)
    cite = chat.page.locator(".answer a.cite").first
    assert (cite.get_attribute("href") or "").startswith("/")
    expect(cite).to_have_attribute("aria-label", re.compile(r"^Source 1: "))
    card = chat.page.locator("#cite-card")
    expect(card).to_be_hidden()
    cite.focus()
    expect(card).to_be_visible()
    expect(card.locator(".cite-date")).to_have_text(re.compile(r"^as of \d{1,2} \w{3} \d{4}$"))
    expect(card.locator(".cite-quote")).not_to_be_empty()
    chat.page.evaluate(axe)
    rules = "async () => (await axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa']})).violations.map(each => each.id)"
    assert chat.page.evaluate(rules) == []
    chat.page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_the_palette_by_keys_mouse_and_touch(dana: Any, axe: str) -> None:
    page = dana().new_page()
    page.goto("/chat/new/")
    box = page.locator("#composer-text")
    before = page.locator(".examples").bounding_box()
    box.press_sequentially("/")
    options = page.locator("#slash").get_by_role("option")
    expect(options).to_have_count(9)
    assert page.locator(".examples").bounding_box() == before  # nothing moved
    page.evaluate(axe)
    assert page.evaluate("async () => (await axe.run('.chat-main')).violations.map(each => each.id)") == []
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(page.locator("#slash")).to_be_hidden()
    expect(box).to_have_value("/")
    box.press_sequentially("mornign")
    expect(options).to_have_count(1)
    options.first.click()
    expect(box).to_have_value("/morning-brief ")
    expect(box).to_be_focused()
    box.fill("see /morning-brief")
    expect(page.locator("#slash")).to_be_hidden()
    box.fill("/call-prep ")
    expect(options.first).to_be_visible()  # the next meetings, before a letter is typed
    box.press("Tab")
    expect(box).to_have_value(re.compile(r"^/call-prep .+ \(meeting:\d+\) $"))

    phone = dana(**PHONE).new_page()
    phone.goto("/chat/new/")
    phone.locator("#composer-text").press_sequentially("/cust")
    phone.get_by_role("option", name="/customer-follow-up").tap()
    expect(phone.locator("#composer-text")).to_have_value("/customer-follow-up ")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.locator("#composer-text").fill("/")
    expect(phone.locator("#slash").get_by_role("option")).to_have_count(9)
    phone.evaluate(axe)
    assert phone.evaluate("async () => (await axe.run('.chat-main')).violations.map(each => each.id)") == []


def test_buttons_of_an_account_a_deal_and_the_week(dana: Any) -> None:
    page = dana().new_page()
    page.goto("/accounts/?q=Dunrow")
    page.get_by_role("link", name="Dunrow Clinics", exact=True).first.click()
    page.wait_for_url(re.compile(r"/accounts/\d+/$"))
    labels = page.locator(".skill-buttons button").all_inner_texts()
    assert labels == ["Prep this call", "Follow up", "Battle card", "Create an asset"]
    page.get_by_role("link", name=re.compile("^Dunrow Clinics: ")).first.click()
    page.wait_for_url(re.compile(r"/deals/\d+/$"))
    page.get_by_role("button", name="Prep this call").click()
    page.wait_for_url("**/chat/*-*-*/")
    expect(page.locator(".msg-user .said")).to_have_text("/call-prep")
    published(Chat(page))
    expect(page.locator(".artifact-title")).to_contain_text("Dunrow Clinics")
    page.goto("/calendar/?day=2100-01-01")
    expect(page.locator(".skill-buttons")).to_have_count(0)
    page.goto("/calendar/")
    page.get_by_role("link", name="Next").click()
    page.get_by_role("button", name=re.compile("^Prep this call: ")).first.click()
    page.wait_for_url("**/chat/*-*-*/")
    expect(page.locator(".msg-user .said")).to_have_text(re.compile(r"^/call-prep .+ \(meeting:\d+\)$"))


def slow(context: Any) -> Chat:
    """At work, in the middle of writing."""
    chat = ask(context, f"/call-prep Dunrow Clinics, {GENTLY}")
    expect(chat.page.locator(".step[data-status=running]", has_text="Write the call prep")).to_be_visible()
    return chat


def test_a_closed_laptop_and_a_second_device(dana: Any) -> None:
    laptop = dana()
    chat = slow(laptop)
    url = chat.url
    phone = Chat.open(dana(**PHONE), url)
    expect(phone.page.locator(".steps")).to_have_attribute("data-state", "running")
    expect(phone.page.locator(".step").first).to_be_attached()
    laptop.close()
    published(phone)  # live, without a reload
    again = Chat.open(dana(), url)
    published(again)
    expect(again.page.locator(".steps")).to_have_attribute("data-state", "done")


def test_stop_midway(dana: Any) -> None:
    chat = slow(dana())
    chat.page.locator(".steps").get_by_role("button", name="Stop").click()
    expect(chat.page.locator(".steps")).to_have_attribute("data-state", "stopped")
    expect(chat.page.locator(".turn")).to_have_attribute("data-status", "cancelled")
    expect(chat.page.locator(".steps-state")).to_contain_text("Stopped")
    expect(chat.page.locator(".artifact")).to_have_count(0)


def test_steer_midway(dana: Any) -> None:
    chat = slow(dana())
    chat.page.locator("#send-mode").select_option("steer")
    chat.send("only the rivals")
    expect(chat.page.locator(".msg-user .said").last).to_have_text("only the rivals")
    published(chat)
    writing = chat.page.locator(".step", has_text="Write the call prep")
    expect(writing).to_have_count(2)
    headings = chat.page.locator(".answer .prose :is(h3, h4, h5, h6)")
    expect(headings).to_have_count(1)


def test_the_battle_card_and_the_calculator_work_in_their_frame(dana: Any) -> None:
    context = dana()
    chat = ask(context, "/competitive-intel Dunrow Clinics")
    published(chat)
    frame = frame_of(chat)
    rows = frame.locator("#panel-0 tbody tr:visible")
    before = rows.count()
    frame.get_by_label("Show").select_option("ahead")
    expect(rows).not_to_have_count(before)
    frame.get_by_role("tab", name="Objections", exact=True).click()
    expect(frame.locator("#panel-0")).to_be_hidden()

    chat = ask(context, "/create-asset ROI calculator for Glenbury Freight")
    published(chat)
    frame = frame_of(chat)
    first = frame.locator("[data-output]").first.inner_text()
    frame.get_by_role("spinbutton", name="Users").fill("900")
    expect(frame.locator("[data-output]").first).not_to_have_text(first)
    expect(frame.get_by_role("slider", name="Users")).to_have_value("900")


def test_a_line_that_drops_in_the_midst_misses_no_step(dana: Any) -> None:
    context = dana()
    line = Line(context)
    chat = slow(context)
    line.cut()
    chat.page.wait_for_selector("#connection[data-state=off]")
    line.mend()
    published(chat)
    names = chat.page.locator(".step .step-name").all_inner_texts()
    assert names[-2:] == ["Write the call prep", "Publish it"] and len(set(names)) == len(names)
