from django.urls import path

from sales_app.mail import views

urlpatterns = [
    path("mail/", views.mail_list, name="mails"),
    path("mail/<int:pk>/", views.mail_detail, name="mail"),
]
