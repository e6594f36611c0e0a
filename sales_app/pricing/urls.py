from django.urls import path

from sales_app.pricing import views

urlpatterns = [path("prices/", views.prices, name="prices")]
