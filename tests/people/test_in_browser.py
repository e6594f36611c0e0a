"""The pages about people in a real browser, under the real policy: the ways in, the menu of a phone, axe."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time

from tests.support.topology import Clewline, Templates, Topologies

PASSWORD = "korrekt-horse-battery"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 800}

PEOPLE = f"""
from sales_app.models import Account, User
make = lambda name, role: User.objects.create_user(
    name + "@example.com", {PASSWORD!r}, first_name=name.title(), last_name="Test", role=role)
rita, lea = make("rita", "revops"), make("lea", "manager")
ann = make("ann", "rep")
ann.manager = lea
ann.save()
Account.objects.create(name="Acme", owner=ann)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, templates: Templates) -> Iterator[Clewline]:
    made = Topologies(tmp_path_factory.mktemp("people"), templates)
    try:
        clewline = made.embedded()
        clewline.shell(PEOPLE)
        yield clewline
    finally:
        made.close()


@pytest.fixture
def open_page(browser: Any, site: Clewline) -> Iterator[Any]:
    """``open_page()`` is a page of a fresh browser. At the end none may have been refused a script or a style."""
    contexts, complaints = [], []

    def note(message: Any) -> None:
        # An answer of 400 or 500 that a test provokes is named by the browser and by htmx.
        expected = ("Failed to load resource", "Response Status Error")
        if message.type == "error" and not message.text.startswith(expected):
            complaints.append(message.text)

    def make(**options: Any) -> Any:
        # Keys are bound to a domain; an IP address is none.
        context = browser.new_context(base_url=site.url.replace("127.0.0.1", "localhost"), **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Any, name: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill(f"{name}@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/chat/**")


def findings(page: Any, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{page.url} {each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_and_nothing_overflows(
    site: Clewline, open_page: Any, axe: str, scheme: str, size: dict[str, int]
) -> None:
    # The policy allows no foreign script, axe's included; the other tests here run under it.
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport=size)
    found: list[str] = []

    def look(path: str) -> None:
        page.goto(path)
        found.extend(findings(page, axe))
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{path} is wider than the window")

    for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/invitation/none/"):
        look(path)
    sign_in(page, "rita")
    ann = site.shell("from sales_app.models import User; print(User.objects.get(email='ann@example.com').pk)")
    person = f"/team/{ann.strip()}/"
    for path in ("/team/", "/team/?q=nobody", "/team/invite/", person, f"{person}access/", "/me/", "/inbox/"):
        look(path)
    for path in ("/accounts/password/change/", "/accounts/2fa/", "/accounts/logout/", "/nothing-here/"):
        look(path)
    page.goto("/me/")
    page.get_by_label("Monday to").fill("")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    found.extend(findings(page, axe))
    assert found == []


def test_the_menu_of_a_phone_needs_no_script(site: Clewline, open_page: Any) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=False)
    sign_in(page, "ann")
    page.goto("/team/")
    deals = page.get_by_role("navigation", name="Main").get_by_role("link", name="Deals")
    assert not deals.is_visible()
    page.get_by_role("button", name="Menu").click()
    assert deals.is_visible()
    page.keyboard.press("Escape")
    assert not deals.is_visible()


def test_a_list_that_cannot_be_fetched_says_so_and_an_ended_login_leads_back(open_page: Any) -> None:
    page = open_page()
    sign_in(page, "ann")
    page.goto("/accounts/")
    page.route("**/accounts/?*", lambda route: route.fulfill(status=500, body="broken"))
    page.get_by_label("Search").fill("acme")
    page.locator(".toast", has_text="answered with an error (500)").wait_for()
    page.unroute("**/accounts/?*")
    page.locator(".toast").get_by_role("button", name="Close").click()
    page.context.clear_cookies()
    page.get_by_label("Search").fill("acme corp")
    page.wait_for_url("**/accounts/login/?next=*accounts*")


def test_a_chosen_theme_is_kept(open_page: Any) -> None:
    page = open_page(color_scheme="light")
    sign_in(page, "ann")
    page.get_by_role("button", name="Theme: automatic").click()
    page.get_by_role("button", name="Theme: light").click()
    page.get_by_role("button", name="Theme: dark").wait_for()
    page.goto("/team/")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_from_the_invitation_to_the_first_page(open_page: Any) -> None:
    page = open_page()
    sign_in(page, "rita")
    page.goto("/team/")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Email address").fill("nina@example.com")
    page.get_by_role("button", name="Send the invitation").click()
    link = re.search(r"http://\S+/invitation/\S+", page.locator(".message").inner_text())
    assert link
    guest = open_page(timezone_id="Europe/Madrid")
    guest.goto(link[0])
    guest.get_by_label("First name").fill("Nina")
    guest.get_by_label("Last name").fill("New")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Make my account").click()
    guest.wait_for_url("**/chat/**")
    guest.goto("/me/")
    assert guest.get_by_label("Time zone").input_value() == "Europe/Madrid"

    page.goto("/team/?q=nina")
    page.get_by_role("link", name="Nina New").click()
    page.get_by_role("link", name="Deactivate").click()
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_text("is signed out").wait_for()
    guest.goto("/me/")
    assert "/accounts/login/" in guest.url


def test_two_steps_with_an_app_and_a_key(open_page: Any) -> None:
    page = open_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True}
    options = {**key, "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, "lea")
    page.goto("/accounts/2fa/")
    page.get_by_role("link", name="Set up").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    secret = page.locator("main code").inner_text()
    counter = next(yield_hotp_counters_from_time())
    page.get_by_label("Authenticator code").fill(f"{hotp_value(secret, counter):06}")
    page.get_by_role("button", name="Turn on").click()
    assert page.locator(".codes li").count() == 10
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("Blue key")
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(lambda url: "/add/" not in url)
    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("cell", name="Blue key", exact=True).wait_for()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Email address").fill("lea@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/2fa/authenticate/**")
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url("**/chat/**")
