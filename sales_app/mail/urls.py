from django.urls import path

from sales_app.mail import draft_views, views

urlpatterns = [
    path("mail/", views.mail_list, name="mails"),
    path("mail/drafts/", draft_views.draft_list, name="drafts"),
    path("mail/<int:pk>/", views.mail_detail, name="mail"),
    path("mail/<int:pk>/edit/", draft_views.draft_edit, name="draft-edit"),
    path("mail/<int:pk>/send/", draft_views.draft_send, name="draft-send"),
    path("mail/<int:pk>/discard/", draft_views.draft_discard, name="draft-discard"),
]
