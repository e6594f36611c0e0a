"""The chat page as a rep uses it all day."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.people import AGENT, Chat, Line, Site, wait

ANSWER = """You have **two deals** that close soon:

| Deal | Amount |
|---|---|
| Acme | $84,000 |
| Brightwater | $9,500 |

```sql
select 1;
```
"""


def test_markdown_is_appended_never_set_again(site: Site, begun: Any) -> None:
    chat = begun()
    run = chat.claim()
    for at in range(0, len(ANSWER), 11):
        run.say(ANSWER[at : at + 11])
        if at == 22:
            chat.page.wait_for_selector(".prose strong")
            chat.page.evaluate(
                """() => {
                  window.first = document.querySelector('.prose p');
                  window.removed = 0;
                  new MutationObserver(all => all.forEach(each => window.removed += each.removedNodes.length))
                    .observe(document.querySelector('.prose'), {subtree: true, childList: true});
                }"""
            )
    run.end()
    run.finish()
    chat.finished()
    assert chat.page.evaluate(
        "window.first.isConnected && window.first === document.querySelector('.prose p')"
    )
    assert chat.page.evaluate("window.removed") == 0
    assert chat.page.locator(".prose td.number").all_inner_texts() == ["$84,000", "$9,500"]
    assert chat.page.inner_text(".prose pre code").strip() == "select 1;"


def test_tables_keep_dates_whole_and_numbers_right(site: Site, begun: Any) -> None:
    chat = begun()
    run = chat.claim()
    run.say(
        "| Who | Amount | Due | Phone |\n|---|---|---|---|\n| Acme | $84,000 | 12 Nov 2026 | +1 617 555 0181 |\n| Bo | $9,"
    )
    cells = chat.page.locator(".prose td")
    expect(cells.nth(5)).to_have_text("$9,")
    expect(cells.nth(5)).to_have_class("number")  # before it is whole
    run.say("500 | – | – |\n| Cy | not said | 2 Dec 2026 | – |\n")
    run.end()
    run.finish()
    chat.finished()
    assert cells.evaluate_all("all => all.map(each => each.className)") == [
        *("", "number", "whole", "whole"),
        *("", "number", "", ""),
        *("", "", "whole", ""),
    ]


def test_an_answer_that_never_came_stays_below_its_question(site: Site, begun: Any) -> None:
    chat = begun("First")
    chat.claim().fail("The model is away.")
    expect(chat.page.locator(".run-error")).to_be_visible()
    chat.send("Second")
    chat.answer("Here it is.")
    chat.finished()
    chat.page.reload()
    chat.live()
    order = chat.page.locator("#items > :visible")
    for at, words in enumerate(["First", "No answer came.", "Second", "Here it is."]):
        expect(order.nth(at)).to_contain_text(words)


def test_copy_buttons(site: Site, device: Any) -> None:
    context = device()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    chat = Chat.begin(context, "Copy this")
    chat.answer(ANSWER)
    chat.finished()
    chat.page.click(".code button")
    expect(chat.page.locator(".code button")).to_have_text("Copied")
    assert chat.page.evaluate("navigator.clipboard.readText()").strip() == "select 1;"
    chat.page.click(".turn-foot [data-copy]")
    expect(chat.page.locator(".turn-foot [data-copy]")).to_have_text("Copied")
    assert chat.page.evaluate("navigator.clipboard.readText()") == ANSWER


def test_tools_fold_their_details_and_show_failures(site: Site, begun: Any) -> None:
    chat = begun()
    run = chat.claim()
    run.tool("find_accounts", {"query": "Acme", "limit": 5}, '{"found": 3, "first": "Acme Ltd"}')
    run.tool("open_deals", {"account": 99}, "There is no account 99.", error=True)
    run.tool("send_report", {}, None)
    tools = chat.page.locator(".tool")
    chat.page.wait_for_selector(".tool[data-status=running]")
    assert tools.locator(".tool-name").all_inner_texts() == ["Find accounts", "Open deals", "Send report"]
    assert tools.nth(0).locator(".tool-line").inner_text() == "Acme"
    assert not tools.nth(0).locator(".tool-body").is_visible()
    tools.nth(0).locator("summary").click()
    tools.nth(0).locator("dd").first.wait_for()  # the browser tells of the opening a moment later
    assert tools.nth(0).locator("dd").all_inner_texts() == ["Acme", "5", "3", "Acme Ltd"]
    assert "There is no account 99." in tools.nth(1).locator(".tool-body").inner_text()
    run.finish()
    chat.finished()
    assert tools.nth(0).locator(".tool-body").is_visible(), "an open card stays open"
    assert tools.nth(2).get_attribute("data-status") == "partial"


def test_a_failed_run_says_why_and_can_be_asked_again(site: Site, begun: Any) -> None:
    chat = begun("Sum up last week")
    run = chat.claim()
    run.say("Last week")
    run.fail("The model could not be reached.")
    chat.page.wait_for_selector(".turn[data-status=failed]")
    words = chat.page.inner_text(".run-error")
    assert "The model could not be reached." in words and "model_unavailable" in words
    assert chat.page.inner_text(".answer .msg-note") == "The answer ends here."
    chat.page.click("text=Ask again")
    again = chat.claim()
    assert again.asked == "Sum up last week"
    again.message("All good.")
    again.finish()
    chat.finished()
    expect(chat.page.locator(".answer:visible")).to_have_text(["All good."])
    chat.page.get_by_role("button", name="Previous version").click()
    expect(chat.page.locator(".answer:visible")).to_contain_text(["Last week"])


def test_a_stop_in_the_middle_of_a_link_leaves_no_markup(site: Site, begun: Any) -> None:
    for cut in ("[Galbury Consulting", "[Galbury Consulting]", "[Galbury Consulting](/accounts/2"):
        chat = begun()
        run = chat.claim()
        run.say(f"| Deal | Amount |\n|---|---|\n| {cut}")
        expect(chat.page.locator(".prose td").first).to_contain_text(
            "Galbury"
        )  # the parser keeps the last one back
        chat.page.click("#stop")
        expect(chat.page.locator(".answer")).to_have_attribute("data-status", "partial")
        expect(chat.page.locator(".prose td").first).to_have_text("Galbury Consulting")


def test_a_refused_text_can_be_changed(site: Site, begun: Any) -> None:
    chat = begun("First")
    chat.answer("Yes.")
    chat.finished()
    chat.send("x" * 20_001)
    chat.page.wait_for_selector("#queue [data-state=failed]")
    assert "text_too_long" in chat.page.inner_text("#queue")
    chat.page.click("#queue >> text=Edit")
    assert chat.page.input_value("#composer-text") == "x" * 20_001
    chat.send("Shorter")
    assert chat.claim().asked == "Shorter"
    # It goes from the messages that wait to the log's; between the two the page is painted once.
    expect(chat.page.locator(".msg-user .said")).to_have_text(["First", "Shorter"])


def test_enter_sends_and_drafts_stay(site: Site, begun: Any) -> None:
    chat = begun("First")
    chat.page.fill("#composer-text", "Line one")
    chat.page.press("#composer-text", "Shift+Enter")
    chat.page.type("#composer-text", "line two")
    before = chat.page.locator("#composer-text").bounding_box()["height"]
    assert before >= 48
    chat.page.reload()
    assert chat.page.input_value("#composer-text") == "Line one\nline two"
    chat.live()
    chat.page.press("#composer-text", "Enter")
    chat.page.wait_for_selector("#queue .is-waiting[data-state=queued]")
    assert chat.page.input_value("#composer-text") == ""
    chat.page.reload()
    assert chat.page.input_value("#composer-text") == ""
    assert chat.said() == ["First", "Line one\nline two"]


def test_the_reader_stays_where_they_read(site: Site, begun: Any) -> None:
    chat = begun()
    run = chat.claim()
    run.say("\n\n".join(f"Paragraph {n}" for n in range(60)))
    at_end = """() => {
      const { scrollHeight, scrollTop, clientHeight } = document.querySelector('#scroller');
      return scrollHeight - scrollTop - clientHeight < 48;
    }"""
    wait(chat.page, "document.querySelectorAll('.prose p').length === 60")
    wait(chat.page, at_end)
    chat.page.hover("#scroller")
    chat.page.mouse.wheel(0, -900)
    chat.page.wait_for_selector("#jump:not([hidden])")
    top = chat.page.evaluate("document.querySelector('#scroller').scrollTop")
    run.say("\n\n".join(["", *(f"More {n}" for n in range(20))]))
    wait(chat.page, "document.querySelectorAll('.prose p').length === 80")
    chat.page.wait_for_selector("#jump[data-news]")
    assert chat.page.evaluate("document.querySelector('#scroller').scrollTop") == top
    chat.page.click("#jump")
    wait(chat.page, at_end)
    chat.page.wait_for_selector("#jump", state="hidden")
    run.say("\n\nLast")
    wait(chat.page, "document.querySelectorAll('.prose p').length === 81")
    wait(chat.page, at_end)


def test_the_list_follows(site: Site, device: Any, begun: Any) -> None:
    chat = begun("Watch me from elsewhere")
    url, session = chat.url, chat.id
    other = device().new_page()
    other.goto("/chat/")
    row = other.locator(f"li[data-session='{session}']")
    run = chat.claim()
    other.wait_for_selector(f"li[data-session='{session}'][data-live=true]")
    chat.page.goto("/chat/")  # nobody looks at the answer
    run.message("Done.")
    run.finish()
    other.wait_for_selector(f"li[data-session='{session}'][data-live=false][data-unread=true]")
    assert row.locator(".chat-flags").inner_text() == "unread"
    reader = Chat.open(device(), url)
    other.wait_for_selector(f"li[data-session='{session}'][data-unread=false]")
    reader.page.get_by_label("More about this chat").click()
    reader.page.fill("#rename-title", "Another name")
    reader.page.click("text=Save")
    wait(
        other,
        "id => document.querySelector(`li[data-session='${id}'] .chat-title`).textContent === 'Another name'",
        arg=session,
    )
    reader.live()
    reader.page.get_by_label("More about this chat").click()
    reader.page.click("text=Archive this chat")
    other.wait_for_selector(f"li[data-session='{session}']", state="detached")
    reader.page.wait_for_selector("#archived-note:not([hidden])")
    reader.live()
    reader.send("Into the archive")
    reader.page.wait_for_selector(".toast")
    assert "session_archived" in reader.page.inner_text(".toast")
    assert reader.page.input_value("#composer-text") == "Into the archive"


def test_search_as_one_types(site: Site, begun: Any) -> None:
    chat = begun("Where is the zebra contract?")
    chat.answer("In the drawer with the walrus.")
    chat.finished()
    chat.page.press("body", "Control+k")
    chat.page.keyboard.type("walrus")
    wait(chat.page, "document.querySelectorAll('#chat-list li').length === 1")
    assert chat.page.locator("#chat-list li").get_attribute("data-session") == chat.id
    chat.page.keyboard.type(" nowhere")
    chat.page.wait_for_selector("#chat-list .chat-none")
    chat.page.fill("#chat-search", "")
    chat.page.wait_for_selector("#chat-list li")


def test_the_first_message_survives_a_server_that_is_away(site: Site, device: Any) -> None:
    page = device().new_page()
    page.goto(f"/chat/new/?agent={AGENT}")
    page.route("**/chat/new/", lambda route: route.abort())
    page.fill("#composer-text", "Kept through the storm")
    page.press("#composer-text", "Enter")
    page.wait_for_selector(".toast")
    assert "unreachable" in page.inner_text(".toast")
    page.unroute("**/chat/new/")
    page.reload()
    assert page.input_value("#composer-text") == "Kept through the storm"
    page.click("#composer .send")
    page.wait_for_url("**/chat/*-*-*/")
    assert Chat(page).claim().asked == "Kept through the storm"


def test_a_half_open_line_is_noticed(site: Site, device: Any) -> None:
    """The socket looks open, but nothing comes through any more; the page's clock is in the test's hand."""
    context = device()
    dead = []

    def route(socket: Any) -> None:
        server = socket.connect_to_server()
        silent = not dead
        dead.append(silent)
        server.on_message(
            lambda message: None if silent and len(dead) == 1 and through[0] else socket.send(message)
        )

    through = [False]
    context.route_web_socket("**/ws/", route)
    page = context.new_page()
    page.clock.install()
    page.goto(f"/chat/new/?agent={AGENT}")
    page.fill("#composer-text", "Hello")
    dead.clear()
    page.press("#composer-text", "Enter")
    page.wait_for_url("**/chat/*-*-*/")
    page.wait_for_selector("#connection[data-state=live]")
    through[0] = True
    Chat(page).answer("You will hear this later.")
    page.clock.run_for(20_000)
    page.clock.run_for(9_000)
    page.clock.run_for(1_000)
    page.wait_for_selector(".turn[data-status=finished]")
    assert page.inner_text(".prose") == "You will hear this later."
    assert len(dead) == 2


def test_a_finished_answer_is_read_out_by_sentence(site: Site, begun: Any) -> None:
    chat = begun()
    run = chat.claim()
    run.say("One is done. ")
    chat.shows("One is done. ")
    assert "One is done" not in chat.page.text_content("#announcer")
    run.say("Two is not!")
    run.end()
    run.finish()
    chat.finished()
    wait(chat.page, "document.querySelector('#announcer').textContent.includes('Two')")
    assert chat.page.locator("#announcer p").all_text_contents()[-2:] == ["One is done.", "Two is not!"]


def test_drops_are_told_and_healed(site: Site, device: Any) -> None:
    context = device()
    line = Line(context)
    chat = Chat.begin(context, "First")
    line.cut()
    chat.page.wait_for_selector("#connection[data-state=off]")
    assert "Reconnecting" in chat.page.inner_text("#connection")
    line.mend()
    chat.live()
    assert "Connected again." in chat.page.text_content("#announcer")
