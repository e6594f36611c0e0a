"""The logins of the demo company, for whoever starts it."""

from sales_app.demo.people import PASSWORD, PEOPLE


def demo_logins() -> list[tuple[str, str, str]]:
    """``(email, password, role)`` for each person."""
    return [(person.email, PASSWORD, person.role) for person in PEOPLE]
