"""Every tab and device shows the same answer, live; whatever happens to one of them, it arrives whole and once."""

from typing import Any

from tests.browser.people import Chat, Line, Site

WORDS = "The renewal of Acme is the one to call about first, because its date has passed."
ALL = WORDS.split(" ")


def test_a_second_tab_and_a_second_device_follow_live(site: Site, device: Any, begun: Any) -> None:
    first = begun()
    run = first.claim()
    run.say("The renewal ")
    first.shows("The renewal ")
    second = Chat.open(first.page.context, first.url)
    third = Chat.open(device(), first.url)
    for chat in (second, third):
        chat.shows("The renewal ")
        assert chat.said() == ["Which deals close this month?"]
    run.say("of Acme.")
    for chat in (first, second, third):
        chat.shows("The renewal of Acme.")
    third.send("And after that?")
    for chat in (first, second, third):
        chat.page.wait_for_selector("#queue .is-waiting[data-state=queued]")
        assert chat.said() == ["Which deals close this month?", "And after that?"]
    run.end()
    run.finish()
    first.answer("Brightwater.")
    for chat in (first, second, third):
        chat.finished(2)
        assert chat.answers() == ["The renewal of Acme.", "Brightwater."]
        assert chat.said() == ["Which deals close this month?", "And after that?"]
        assert chat.page.locator("#queue .is-waiting").count() == 0


def test_reload_in_the_middle_of_an_answer(site: Site, begun: Any) -> None:
    chat = begun()
    run = chat.claim()
    for word in ALL[:8]:
        run.say(word + " ")
    chat.page.reload()
    # The words of before are in the page itself, whatever the socket does.
    assert chat.answers()[0].startswith("The renewal of Acme")
    chat.live()
    for word in ALL[8:]:
        run.say(word + " ")
    run.end()
    run.finish()
    chat.finished()
    assert [text.split() for text in chat.answers()] == [ALL]


def test_a_cut_line_loses_and_doubles_nothing(site: Site, device: Any) -> None:
    context = device()
    line = Line(context)
    chat = Chat.begin(context, "Which deals close this month?")
    run = chat.claim()
    for at, word in enumerate(ALL):
        run.say(word + " ")
        if at in (3, 9):
            line.cut()
            chat.page.wait_for_selector("#connection[data-state=off]")
        if at in (6, 12):
            line.mend()
            chat.live()
    run.end()
    run.finish()
    chat.finished()
    assert [text.split() for text in chat.answers()] == [ALL]
    assert line.seen >= 3


def test_what_is_written_without_a_line_is_sent_once_on_return(site: Site, device: Any) -> None:
    context = device()
    line = Line(context)
    chat = Chat.begin(context, "First")
    chat.answer("Yes.")
    chat.finished()
    line.cut()
    chat.page.wait_for_selector("#connection[data-state=off]")
    chat.send("Written in a tunnel")
    chat.send("And another")
    chat.page.locator("#queue [data-state=kept]").nth(1).wait_for()  # drawn with the next frame
    assert chat.said() == ["First", "Written in a tunnel", "And another"]
    chat.page.reload()
    chat.page.locator("#queue [data-state=kept]").nth(1).wait_for()
    assert chat.said() == ["First", "Written in a tunnel", "And another"]
    line.mend()
    chat.live()
    for text in ("Written in a tunnel", "And another"):
        run = chat.claim()
        assert run.asked == text
        run.message("Yes.")
        run.finish()
    chat.finished(3)
    assert chat.said() == ["First", "Written in a tunnel", "And another"]
    counted = site.rows("SELECT count(*) FROM clewline_input WHERE session_id = ?", site.key(chat.id))
    assert counted == [(3,)]


def test_an_acknowledgement_that_gets_lost_makes_no_second_message(site: Site, device: Any) -> None:
    context = device()
    answers: list[Any] = []

    def route(socket: Any) -> None:
        server = socket.connect_to_server()

        def down(message: Any) -> None:
            if '"t":"ack"' in message.replace(" ", "") and not answers:
                answers.append(message)
                socket.close(code=1011)
                return
            socket.send(message)

        server.on_message(down)

    context.route_web_socket("**/ws/", route)
    chat = Chat.begin(context, "First")
    chat.answer("Yes.")
    chat.finished()
    chat.send("Only once")
    run = chat.claim()
    assert run.asked == "Only once"
    run.message("Once.")
    run.finish()
    chat.finished(2)
    chat.live()
    assert answers
    assert chat.said() == ["First", "Only once"]
    stored = chat.page.evaluate("Object.keys(localStorage).filter(key => key.includes('outbox'))")
    assert stored == []


def test_a_killed_server_is_waited_for(site: Site, begun: Any) -> None:
    chat = begun()
    run = chat.claim()
    run.say("Before the fall, ")
    chat.shows("Before the fall, ")
    site.clewline.web.kill()
    chat.page.wait_for_selector("#connection[data-state=off]")
    chat.send("Are you still there?")
    chat.page.wait_for_selector("#queue [data-state=kept]")
    site.clewline.web.start()
    chat.live()
    again = chat.claim()
    again.message("Before the fall, and after it.")
    again.finish()
    chat.answer("Yes.")
    chat.finished(2)
    assert chat.answers() == ["Before the fall, and after it.", "Yes."]
    assert chat.said() == ["Which deals close this month?", "Are you still there?"]


def test_a_lost_worker_shows_and_is_replaced_once(site: Site, begun: Any) -> None:
    chat = begun()
    chat.page.evaluate(
        """() => {
          window.shown = [];
          const note = () => window.shown.push([...document.querySelectorAll('.answer')].map(
            each => `${each.dataset.status}:${each.querySelector('.prose').textContent}`).join('|'));
          const all = {subtree: true, childList: true, attributes: true};
          new MutationObserver(note).observe(document.querySelector('#items'), all);
        }"""
    )
    lost = chat.claim()
    lost.say("The forecast is")
    chat.shows("The forecast is")
    second = chat.claim()  # after the lease of the first has run out
    chat.page.wait_for_selector(".answer[data-status=stale]")
    assert "Trying again" in chat.page.inner_text(".turn .doing")
    assert chat.answers() == ["The forecast is"]
    second.message("The forecast is good.")
    second.finish()
    chat.finished()
    assert chat.answers() == ["The forecast is good."]
    both = [each for each in chat.page.evaluate("window.shown") if each.count("|") > 0]
    assert both == [], "the old text and its replacement never stood together"


def test_login_that_ends_while_connected_keeps_the_text(site: Site, device: Any) -> None:
    context = device("zoe")  # whose login is no other test's
    chat = Chat.begin(context, "First")
    chat.answer("Yes.")
    chat.finished()
    site.rows("DELETE FROM django_session WHERE session_key = ?", site.made["zoe"]["cookie"])
    chat.send("Written after the end of the login")
    chat.page.wait_for_selector("#connection[data-state=out]")
    assert chat.page.get_attribute("#connection a", "href").startswith("/accounts/login/?next=%2Fchat%2F")
    assert chat.said()[-1] == "Written after the end of the login"
    assert "Written after" in chat.page.evaluate("JSON.stringify(localStorage)")
