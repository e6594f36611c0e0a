from sales_app.crm.models.account import Account
from sales_app.crm.models.activity import Activity
from sales_app.crm.models.contact import Contact
from sales_app.crm.models.deal import Deal
from sales_app.crm.models.importing import ImportBatch, ImportRow

__all__ = ["Account", "Activity", "Contact", "Deal", "ImportBatch", "ImportRow"]
