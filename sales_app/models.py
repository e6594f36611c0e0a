from sales_app.people.models import User

__all__ = ["User"]
