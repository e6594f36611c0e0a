from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "sales_app"
    verbose_name = "Sales"
