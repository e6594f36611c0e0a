"""People steer what agents do, from any device, and every device sees who did."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.agent import ASSISTANT
from tests.browser.people import Chat, Site
from tests.browser.test_access import DESK, PHONE, findings


def with_assistant(device: Any, text: str, **options: Any) -> Chat:
    return Chat.begin(device(**options), text, agent=ASSISTANT)


def join(site: Site, chat: Chat, name: str = "ola", role: str = "member") -> None:
    """Another person comes in by the page's own way."""
    page = chat.page
    page.get_by_label("More about this chat").click()
    page.click("#people-open")
    page.fill("#people-search", name)
    page.select_option("#people-role", role)
    page.get_by_role("button", name=f"Invite {name.title()}").click()
    expect(page.locator("#people [data-status]")).to_have_text(f"{name.title()} was invited.")
    page.locator("#people").get_by_role("button", name="Close").click()


def queued(chat: Chat) -> Any:
    return chat.page.locator("#queue .is-waiting .said")


def test_stop_on_the_phone_is_seen_on_the_desk(site: Site, device: Any) -> None:
    desk = Chat.begin(device(**DESK), "Which deals close this month?")
    run = desk.claim()
    run.say("There are ")
    desk.shows("There are ")
    phone = Chat.open(device(**PHONE), desk.url)
    phone.page.get_by_role("button", name="Stop").tap()
    for chat in (desk, phone):
        expect(chat.page.locator(".turn[data-status=cancelled] .turn-stopped")).to_have_text("Stopped by you")
        expect(chat.page.locator("#stop")).to_be_hidden()
    late = run.agent.post(f"{run.path}/events", run.token, {"seq": run.seq, "events": []})
    assert late.status_code == 409
    desk.page.reload()
    expect(desk.page.locator(".turn-stopped")).to_have_text("Stopped by you")
    assert desk.answers() == ["There are "]


def test_a_stop_shows_at_once_that_it_is_under_way(site: Site, device: Any, begun: Any) -> None:
    begin = begun("Slow line")
    context = device()
    held: list[str] = []

    def route(socket: Any) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: held.append(text) if '"t":"records"' in text else socket.send(text))

    context.route_web_socket("**/ws/", route)
    chat = Chat.open(context, begin.url)
    chat.page.click("#stop")
    expect(chat.page.locator("#stop")).to_have_text("Stopping")
    expect(chat.page.locator(".doing-text")).to_have_text("Stopping")
    expect(begin.page.locator(".turn-stopped")).to_have_text("Stopped by you")


def test_the_keys_are_listed_by_a_key_with_a_modifier_and_by_none_that_prints(site: Site, begun: Any) -> None:
    chat = begun("First")
    help = chat.page.locator("#chat-help")
    chat.page.locator("#scroller").press("?")
    for place in ("#composer-text", "#scroller"):
        expect(help).to_be_hidden()
        chat.page.locator(place).press("Control+/")
        expect(help).to_be_visible()
        expect(help).to_contain_text("Ctrl /")
        chat.page.keyboard.press("Control+/")
    expect(help).to_be_hidden()
    # Over another dialog it stays away.
    chat.page.get_by_label("More about this chat").click()
    chat.page.click("#people-open")
    chat.page.keyboard.press("Control+/")
    expect(chat.page.locator("#people")).to_be_visible()
    expect(help).to_be_hidden()


def test_a_chat_whose_question_waits_is_marked_in_the_list_of_whoever_may_decide(
    site: Site, device: Any
) -> None:
    chat = with_assistant(device, "Letters 2")
    join(site, chat, "ola", "member")
    join(site, chat, "zoe", "observer")
    row = f'#chat-list li[data-session="{chat.id}"] .chat-waits'
    pages = {name: Chat.begin(device(name), "Something else").page for name in ("mia", "ola", "zoe")}
    for name in ("mia", "ola"):
        expect(pages[name].locator(row)).to_have_text("Waits for you")
    expect(pages["zoe"].locator(f'#chat-list li[data-session="{chat.id}"]')).to_be_visible()
    expect(pages["zoe"].locator(row)).to_have_text("")
    # One of two still waits; when both are decided the mark goes, without a reload.
    cards = chat.page.locator(".ask[data-status=open]")
    cards.first.get_by_role("button", name="Deny").click()
    expect(cards).to_have_count(1)
    expect(pages["ola"].locator(row)).to_have_text("Waits for you")
    cards.first.get_by_role("button", name="Deny").click()
    expect(cards).to_have_count(0)
    for name in ("mia", "ola"):
        expect(pages[name].locator(row)).to_be_hidden()


def test_a_question_that_comes_while_one_looks_elsewhere_is_marked_at_once(
    site: Site, device: Any, axe: str
) -> None:
    chat = with_assistant(device, "tell me")
    page = Chat.begin(device(bypass_csp=True, color_scheme="dark"), "Something else").page
    mark = page.locator(f'#chat-list li[data-session="{chat.id}"] .chat-waits')
    expect(mark).to_be_hidden()
    chat.finished()
    chat.send("Question of the owner")
    expect(mark).to_have_text("Waits for you")
    assert findings(page, axe) == []
    chat.page.locator(".ask textarea").fill("Acme")
    chat.page.locator(".ask").get_by_role("button", name="Answer").click()
    expect(mark).to_be_hidden()
    page.reload()
    expect(mark).to_be_hidden()


def test_escape_stops_also_what_has_not_begun_and_what_was_reloaded(site: Site, begun: Any) -> None:
    chat = begun("Never begun")
    chat.page.reload()
    chat.live()
    expect(chat.page.locator("#stop")).to_be_visible()
    chat.page.keyboard.press("Control+/")
    chat.page.keyboard.press("Escape")  # closes the list of keys, nothing else
    expect(chat.page.locator("#chat-help")).to_be_hidden()
    expect(chat.page.locator("#stop")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.page.locator(".turn-stopped")).to_have_text("Stopped by you")
    assert site.rows("SELECT status FROM clewline_run WHERE session_id = ?", chat.id.replace("-", "")) == [
        ("cancelled",)
    ]


def test_others_read_who_stopped_it(site: Site, device: Any, begun: Any) -> None:
    mia = begun("Count the leads")
    join(site, mia)
    mia.claim().say("One, ")
    ola = Chat.open(device("ola"), mia.url)
    ola.page.click("#stop")
    expect(mia.page.locator(".turn-stopped")).to_have_text("Stopped by Ola")
    expect(ola.page.locator(".turn-stopped")).to_have_text("Stopped by you")


def test_steering_reaches_the_answer_under_way(site: Site, device: Any) -> None:
    chat = with_assistant(device, "Listen to me")
    chat.shows("I listen.")
    chat.page.select_option("#send-mode", "steer")
    chat.send("Shorter, please")
    chat.shows("Heard: Shorter, please")
    turn = chat.page.locator(".turn")
    expect(turn).to_have_count(1)
    expect(turn.locator(".msg-user .said")).to_have_text("Shorter, please")
    assert chat.page.locator("#send-mode").input_value() == "queue", "the choice was for one message"
    chat.send("tell Another story")
    expect(queued(chat)).to_have_text("tell Another story")
    chat.page.select_option("#send-mode", "steer")
    chat.send("Enough")
    chat.page.locator(".turn[data-status=finished]").first.wait_for()
    assert chat.said()[:3] == ["Listen to me", "Shorter, please", "Enough"]


def test_a_missed_steering_waits_for_its_turn(site: Site, device: Any) -> None:
    chat = Chat.begin(device(), "First")
    run = chat.claim()
    run.say("Working")
    chat.shows("Working")
    chat.page.select_option("#send-mode", "steer")
    chat.send("Too late")
    waiting = chat.page.locator("#queue .is-waiting")
    expect(waiting).to_have_attribute("data-state", "steering")
    expect(waiting.locator(".queue-state")).to_have_text("For the answer under way")
    run.end()
    run.finish()  # an agent over HTTP does not listen
    assert chat.claim().asked == "Too late"
    expect(waiting).to_have_count(0)
    assert chat.said() == ["First", "Too late"]


def test_interrupt_and_send(site: Site, begun: Any) -> None:
    chat = begun("Tell me everything")
    chat.claim().say("In the beginning ")
    chat.shows("In the beginning ")
    chat.page.select_option("#send-mode", "interrupt")
    chat.send("Only the sum")
    expect(chat.page.locator(".turn-stopped")).to_have_text("Interrupted by your message")
    assert chat.claim().asked == "Only the sum"


def test_the_sessions_way_is_for_everybody(site: Site, device: Any, begun: Any) -> None:
    chat = begun("First")
    other = Chat.open(device(), chat.url)
    chat.page.get_by_label("More about this chat").click()
    chat.page.select_option("#policy", "steer")
    expect(other.page.locator("#send-mode")).to_have_value("steer")
    chat.page.keyboard.press("Escape")
    run = chat.claim()
    run.say("Working")
    other.shows("Working")
    other.send("Mind the date")
    expect(chat.page.locator("#queue .is-waiting")).to_have_attribute("data-state", "steering")


def test_the_queue_is_changed_on_one_device_and_seen_on_the_other(
    site: Site, device: Any, begun: Any
) -> None:
    desk = begun("First")
    phone = Chat.open(device(**PHONE), desk.url)
    run = desk.claim()
    for text in ("Second", "Third", "Fourth"):
        desk.send(text)
    expect(queued(phone)).to_have_text(["Second", "Third", "Fourth"])
    phone.page.get_by_role("article").filter(has_text="Fourth").get_by_role("button", name="Move up").tap()
    expect(queued(desk)).to_have_text(["Second", "Fourth", "Third"])
    row = desk.page.locator("#queue .is-waiting").first
    row.get_by_role("button", name="Move down").focus()
    desk.page.keyboard.press("Enter")
    expect(queued(phone)).to_have_text(["Fourth", "Second", "Third"])
    expect(
        desk.page.locator("#queue .is-waiting").nth(1).get_by_role("button", name="Move down")
    ).to_be_focused()
    desk.page.locator("#queue .is-waiting").nth(1).get_by_role("button", name="Edit").click()
    desk.page.get_by_label("New wording").fill("Second, better")
    desk.page.keyboard.press("Enter")
    expect(queued(phone)).to_have_text(["Fourth", "Second, better", "Third"])
    phone.page.get_by_role("article").filter(has_text="Third").get_by_role("button", name="Withdraw").tap()
    expect(queued(desk)).to_have_text(["Fourth", "Second, better"])
    run.message("Done.")
    run.finish()
    for text in ("Fourth", "Second, better"):
        following = desk.claim()
        assert following.asked == text
        following.message("Done.")
        following.finish()
    desk.finished(3)
    assert desk.said() == phone.said() == ["First", "Fourth", "Second, better"]


def test_a_wording_under_way_is_not_lost_when_its_message_is_taken_up(site: Site, begun: Any) -> None:
    chat = begun("First")
    run = chat.claim()
    chat.send("Second")
    chat.page.locator("#queue").get_by_role("button", name="Edit").click()
    chat.page.get_by_label("New wording").fill("Second, but in euros")
    run.message("Done.")
    run.finish()
    expect(chat.page.locator("#composer-text")).to_have_value("Second, but in euros")
    assert chat.claim().asked == "Second"


def test_one_message_reworded_on_two_devices_loses_neither_wording(
    site: Site, device: Any, begun: Any
) -> None:
    desk = begun("First")
    desk.claim()
    desk.send("Second")
    phone = Chat.open(device(**PHONE), desk.url)
    for chat in (desk, phone):
        expect(queued(chat)).to_have_text(["Second"])
        chat.page.locator("#queue").get_by_role("button", name="Edit").click()
    phone.page.get_by_label("New wording").fill("Second, from the phone")
    phone.page.get_by_role("button", name="Save").tap()
    expect(queued(phone)).to_have_text(["Second, from the phone"])
    desk.page.get_by_label("New wording").fill("Second, from the desk")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#composer-text")).to_have_value("Second, from the desk")
    expect(queued(desk)).to_have_text(["Second, from the phone"])


def test_an_approval_on_the_phone_is_seen_on_the_desk(site: Site, device: Any) -> None:
    desk = with_assistant(device, "Letters 1", **DESK)
    ask = desk.page.locator(".ask")
    expect(ask).to_have_attribute("data-status", "open")
    expect(ask.get_by_role("heading")).to_have_text("Send letter 1")
    assert ask.locator("td").all_inner_texts() == ["buyer1@example.com", "Dear buyer,\nthe offer stands."]
    expect(ask.locator(".ask-left")).to_have_text("3 days left")
    assert desk.page.locator("#send-mode option").all_inner_texts() == ["Queue", "Interrupt and send"]
    ask.get_by_label("Note (optional)").press("Escape")  # a key for the note, not for the agent
    expect(desk.page.locator("#asks")).to_contain_text("Waits for your decision: Send letter 1")
    phone = Chat.open(device(**PHONE), desk.url)
    phone.page.get_by_label("Note (optional)").fill("Go ahead")
    phone.page.get_by_role("button", name="Approve").tap()
    for chat in (desk, phone):
        expect(chat.page.locator(".ask-verdict")).to_have_text("Approved by you")
        expect(chat.page.locator(".ask-answer")).to_have_text("Go ahead")
        expect(chat.page.locator("#asks")).to_be_hidden()
        chat.shows("1: approved, Go ahead")
    expect(desk.page.locator(".tool[data-status=done] .tool-name")).to_have_text("Send letter")


def test_who_comes_second_is_told_who_was_first(site: Site, device: Any) -> None:
    mia = with_assistant(device, "Letters 1")
    mia.page.locator(".ask").wait_for()
    join(site, mia)
    context = device("ola")
    held: list[Any] = []

    def route(socket: Any) -> None:
        server = socket.connect_to_server()
        # Ola's page hears of nothing that is logged from now on, so she decides on what she saw.
        server.on_message(lambda text: held.append(text) if '"t":"records"' in text else socket.send(text))

    context.route_web_socket("**/ws/", route)
    ola = Chat.open(context, mia.url)
    mia.page.get_by_role("button", name="Deny").click()
    expect(mia.page.locator(".ask-verdict")).to_have_text("Denied by you")
    mia.shows("1: denied, no words")
    ola.page.get_by_role("button", name="Approve").click()
    expect(ola.page.locator(".ask-error")).to_contain_text("Mia has already decided this")
    expect(ola.page.locator(".ask-error code")).to_have_text("already_decided")


def test_approve_all(site: Site, device: Any) -> None:
    chat = with_assistant(device, "Letters 3")
    chat.page.get_by_role("button", name="Approve all 3").click()
    assert chat.page.locator("#approve-all li").all_inner_texts() == [f"Send letter {n}" for n in (1, 2, 3)]
    chat.page.locator("#approve-all [data-approve]").click()
    expect(chat.page.locator(".ask[data-status=approved]")).to_have_count(3)
    chat.finished()
    sent = sorted(text.strip() for text in chat.answers())
    assert sent == [*(f"{n}: approved, no words" for n in (1, 2, 3)), "These would go out:"]


def test_a_question_is_answered_and_a_stop_ends_it(site: Site, device: Any) -> None:
    chat = with_assistant(device, "Question")
    chat.page.get_by_role("button", name="Answer", exact=True).click()
    expect(chat.page.locator(".ask-error")).to_have_text("Type an answer first.")
    chat.page.get_by_label("Your answer").fill("The one in Oslo")
    chat.page.get_by_role("button", name="Answer", exact=True).click()
    expect(chat.page.locator(".ask-verdict")).to_have_text("Answered by you")
    chat.shows("q: answered, The one in Oslo")
    chat.send("Question again")
    chat.page.locator(".ask[data-status=open]").wait_for()
    chat.page.click("#stop")
    expect(chat.page.locator(".ask[data-status=stopped] .ask-verdict")).to_have_text(
        "Stopped by you before anybody decided"
    )
    expect(chat.page.locator("#stop")).to_be_hidden()


def test_undo(site: Site, device: Any) -> None:
    chat = with_assistant(device, "Rename Berg")
    chat.shows("Renamed.")
    name = "SELECT last_name FROM sales_app_user WHERE email = 'mia@example.com'"
    assert site.rows(name) == [("Berg",)]
    other = Chat.open(device(), chat.url)
    chat.page.get_by_role("button", name="Undo: Rename me").click()
    for each in (chat, other):
        expect(each.page.locator(".effect")).to_have_text("Undone")
    assert site.rows(name) == [("",)]


def test_an_effect_that_nobody_knows_of_is_a_warning(site: Site, device: Any) -> None:
    chat = with_assistant(device, "Letters 1")
    chat.page.get_by_label("Note (optional)").fill("break off")
    chat.page.get_by_role("button", name="Approve").click()
    expect(chat.page.locator(".effect[data-effect=unknown]")).to_contain_text(
        "Nobody knows whether this happened"
    )


def test_sub_agents_are_lanes_with_a_stop_of_their_own(site: Site, device: Any) -> None:
    chat = with_assistant(device, "Delegate the week")
    turn = chat.page.locator(".turn")
    lanes = turn.locator(".lane")
    expect(lanes.locator(".lane-title")).to_have_text(["Read the mails", "Call everybody"])
    expect(lanes.nth(0)).to_have_attribute("data-status", "finished")
    expect(lanes.nth(0).locator(".prose")).to_be_hidden()
    lanes.nth(0).locator("summary").click()
    expect(lanes.nth(0).locator(".prose")).to_have_text("It is quiet.")
    chat.page.get_by_role("button", name="Stop: Call everybody").click()
    expect(lanes.nth(1)).to_have_attribute("data-status", "cancelled")
    expect(lanes.nth(1).locator(".lane-state")).to_contain_text("Stopped by you")
    expect(turn.locator(":scope > .turn-items > .answer .prose")).to_have_text(
        "Read the mails: finished; Call everybody: cancelled"
    )
    expect(turn).to_have_count(1)


def test_taking_control_and_giving_it_back(site: Site, device: Any, begun: Any) -> None:
    mia = begun("Write to them")
    join(site, mia)
    mia.claim().say("Dear ")
    mia.shows("Dear ")
    ola = Chat.open(device("ola"), mia.url)
    ola.page.get_by_label("More about this chat").click()
    ola.page.click("#handover")
    expect(mia.page.locator("#control-note")).to_contain_text("Ola holds control since just now.")
    expect(mia.page.locator(".turn-stopped")).to_have_text("Stopped: Ola took control")
    expect(ola.page.locator("#control-note")).to_contain_text("You hold control")
    ola.send("I write to them myself")
    expect(mia.page.locator(".msg-user .said").last).to_have_text("I write to them myself")
    expect(mia.page.locator(".turn")).to_have_count(1)
    ola.page.locator("#control-note").get_by_role("button", name="Give back").click()
    for chat in (mia, ola):
        expect(chat.page.locator("#control-note")).to_be_hidden()
    ola.send("Go on")
    assert mia.claim().asked == "Go on"


def test_people_come_with_a_role_and_go(site: Site, device: Any, begun: Any) -> None:
    mia = begun("Between us")
    join(site, mia, role="observer")
    ola = Chat.open(device("ola"), mia.url)
    expect(ola.page.locator("#stop")).to_be_hidden()
    ola.send("May I?")
    expect(ola.page.locator(".toast")).to_contain_text("not_allowed")
    expect(ola.page.locator("#composer-text")).to_have_value("May I?")
    mia.page.get_by_label("More about this chat").click()
    mia.page.click("#people-open")
    mia.page.get_by_label("Role of Ola").select_option("member")
    expect(ola.page.locator("#stop")).to_be_visible()
    mia.page.get_by_role("button", name="Remove Ola").click()
    expect(mia.page.locator("#people")).to_contain_text("Ola will not see this chat any more.")
    mia.page.get_by_role("button", name="Remove Ola now").click()
    expect(ola.page.locator("#connection")).to_contain_text("no longer available")
    expect(mia.page.locator("#people [data-people] li")).to_have_count(1)


def test_who_is_here_and_who_types(site: Site, device: Any, begun: Any) -> None:
    mia = begun("Shall we?")
    join(site, mia)
    ola = Chat.open(device("ola"), mia.url)
    expect(mia.page.locator("#presence")).to_contain_text("Ola is here")
    expect(ola.page.locator("#presence")).to_contain_text("Mia is here")
    ola.page.locator("#composer-text").press_sequentially("We sh")
    expect(mia.page.locator("#typing")).to_have_text("Ola is typing")
    expect(ola.page.locator("#typing")).to_have_text("")
    ola.page.press("#composer-text", "Enter")
    expect(mia.page.locator("#typing")).to_have_text("")
    ola.page.close()
    expect(mia.page.locator("#presence")).to_be_hidden()


SMALL = """[...document.querySelectorAll('.chat-main button, .chat-main select, .chat-main summary, dialog[open] button')]
  .map(node => [node.getBoundingClientRect(), node.outerHTML.slice(0, 120)])
  .filter(([box]) => box.width && Math.min(box.width, box.height) < 24).map(([box, html]) => html)"""


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", DESK), ("dark", PHONE)], ids=["desk light", "phone dark"]
)
def test_axe_finds_nothing(site: Site, device: Any, axe: str, scheme: str, size: dict[str, Any]) -> None:
    """What people decide, change and undo, on the page at once with the dialogs that belong to it."""
    context = device(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True, **size)
    desk = with_assistant(device, "Letters 2")
    desk.send("Rename Berg")
    chat = Chat.open(context, desk.url)
    expect(chat.page.locator(".ask[data-status=open]")).to_have_count(2)
    assert findings(chat.page, axe) == []
    assert chat.page.evaluate(SMALL) == []
    chat.page.locator("#queue").get_by_role("button", name="Edit").click()
    chat.page.get_by_role("button", name="Approve all 2").click()
    assert findings(chat.page, axe) == []
    chat.page.locator("#approve-all [data-approve]").click()
    chat.shows("Renamed.")
    chat.page.get_by_label("More about this chat").click()
    assert findings(chat.page, axe) == []
    chat.page.click("#people-open")
    chat.page.get_by_role("button", name="Invite Ola").wait_for()
    assert findings(chat.page, axe) == []
    assert chat.page.evaluate(SMALL) == []
