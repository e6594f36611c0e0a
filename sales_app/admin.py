"""Every admin of the app, where Django looks for them."""

from sales_app.agent import admin as agent
from sales_app.briefs import admin as briefs
from sales_app.budgets import admin as budgets
from sales_app.crm import admin as crm
from sales_app.encoding import admin as encoding
from sales_app.evals import admin as evals
from sales_app.mail import admin as mail
from sales_app.people import admin as people
from sales_app.pricing import admin as pricing
from sales_app.skills import admin as skills

__all__ = ["agent", "briefs", "budgets", "crm", "encoding", "evals", "mail", "people", "pricing", "skills"]
