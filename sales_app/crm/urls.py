from django.urls import path, register_converter
from django.urls.converters import StringConverter

from sales_app.crm.models import ImportBatch
from sales_app.crm.views import importing, lists, records, week


class KindConverter(StringConverter):
    regex = "|".join(ImportBatch.Kind.values)


register_converter(KindConverter, "crmkind")

urlpatterns = [
    path("accounts/", lists.account_list, name="accounts"),
    path("accounts/new/", records.account_new, name="account-new"),
    path("accounts/<int:pk>/", records.account_detail, name="account"),
    path("accounts/<int:pk>/edit/", records.account_edit, name="account-edit"),
    path("accounts/<int:account_id>/contacts/new/", records.contact_new, name="contact-new"),
    path("accounts/<int:account_id>/deals/new/", records.deal_new, name="deal-new"),
    path("contacts/", lists.contact_list, name="contacts"),
    path("contacts/<int:pk>/", records.contact_detail, name="contact"),
    path("contacts/<int:pk>/edit/", records.contact_edit, name="contact-edit"),
    path("deals/", lists.deal_list, name="deals"),
    path("deals/<int:pk>/", records.deal_detail, name="deal"),
    path("deals/<int:pk>/edit/", records.deal_edit, name="deal-edit"),
    path("activities/", lists.activity_list, name="activities"),
    path("activities/new/", records.activity_new, name="activity-new"),
    path("activities/<int:pk>/", records.activity_detail, name="activity"),
    path("activities/<int:pk>/edit/", records.activity_edit, name="activity-edit"),
    path("activities/<int:pk>/done/", records.activity_done, name="activity-done"),
    path("calendar/", week.calendar, name="calendar"),
    path("export/<crmkind:kind>.csv", lists.export, name="export"),
    path("import/", importing.import_start, name="import"),
    path("import/template/<crmkind:kind>.csv", importing.import_template, name="import-template"),
    path("import/<uuid:pk>/", importing.import_batch, name="import-batch"),
    path("import/<uuid:pk>/apply/", importing.import_apply, name="import-apply"),
]
