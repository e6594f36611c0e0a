"""The admin works under its relaxed policy: nothing of the theme is blocked, nothing comes from elsewhere."""

from playwright.sync_api import Browser

from tests.support.topology import Topologies

ADMINISTRATOR = """
from django.contrib.auth import get_user_model
User = get_user_model()
admin = User(email="admin@example.com", is_staff=True, is_superuser=True)
setattr(admin, User.USERNAME_FIELD, "admin@example.com")
admin.set_password("a long password 1")
admin.save()
"""


def test_admin_shows_no_violation(topology: Topologies, browser: Browser) -> None:
    clewline = topology.embedded()
    clewline.shell(ADMINISTRATOR)
    context = browser.new_context()
    context.add_cookies(clewline.sign_in("admin@example.com"))  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.on(
        "request", lambda r: None if r.url.startswith((clewline.url, "data:")) else complaints.append(r.url)
    )

    page.goto(f"{clewline.url}/admin/", wait_until="networkidle")  # leaving earlier would abort the icon
    page.goto(f"{clewline.url}/admin/account/emailaddress/add/")
    page.get_by_role("button", name="Save", exact=True).wait_for()
    assert complaints == []
    context.close()
