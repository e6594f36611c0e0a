"""One conversation over devices, people and agents, from the first question to the hand-over."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.people import Chat, Line, Site
from tests.browser.test_access import DESK, PHONE
from tests.browser.test_control import join, with_assistant


def test_two_tabs_a_dropped_line_two_agents_and_a_colleague_who_takes_over(site: Site, device: Any) -> None:
    # Two tabs of one rep, and their phone, see the same answer grow.
    context = device(**DESK)
    line = Line(context)
    desk = Chat.begin(context, "Which deals close this month?")
    run = desk.claim()
    run.say("Three deals close: ")
    tab = Chat.open(context, desk.url)
    phone = Chat.open(device(**PHONE), desk.url)
    for chat in (desk, tab, phone):
        chat.shows("Three deals close: ")

    # The line of the desk drops; the answer goes on, and nothing is lost when it is back.
    line.cut()
    for chat in (desk, tab):
        chat.page.wait_for_selector("#connection[data-state=off]")
    run.say("Acme, Globex ")
    phone.shows("Three deals close: Acme, Globex ")
    line.mend()
    run.say("and Initech.")
    run.end()
    run.finish()
    for chat in (desk, tab, phone):
        chat.shows("Three deals close: Acme, Globex and Initech.")
        chat.finished()
        assert chat.answers() == ["Three deals close: Acme, Globex and Initech."]

    # A colleague comes in while two agents work side by side, sees all of it, and takes over.
    team = with_assistant(device, "Delegate the week", **DESK)
    lanes = team.page.locator(".lane")
    expect(lanes).to_have_count(2)
    expect(lanes.nth(0)).to_have_attribute("data-status", "finished")
    join(site, team)
    ola = Chat.open(device("ola"), team.url)
    expect(ola.page.locator(".msg-user .said").first).to_have_text("Delegate the week")
    expect(ola.page.locator(".lane-title")).to_have_text(["Read the mails", "Call everybody"])
    expect(ola.page.locator(".lane").nth(1)).to_have_attribute("data-status", "running")
    expect(team.page.locator("#presence")).to_contain_text("Ola is here")
    ola.page.get_by_label("More about this chat").click()
    ola.page.click("#handover")
    for chat in (team, ola):
        expect(chat.page.locator(".lane").nth(1)).to_have_attribute("data-status", "cancelled")
        expect(chat.page.locator(".turn > .turn-foot .turn-stopped")).to_contain_text("took control")
    ola.send("I call them myself")
    expect(team.page.locator(".msg-user .said").last).to_have_text("I call them myself")
    expect(team.page.locator("#control-note")).to_contain_text("Ola holds control")
