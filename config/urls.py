from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

# One way in: the admin's own form knows neither lockout nor second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    # The address is the login: the invitation set it and RevOps may correct it, so allauth's page for it is closed.
    path("accounts/email/", RedirectView.as_view(url="/me/")),
    path("accounts/", include("allauth.urls")),
    path("", include("sessions_app.urls")),
    path("", include("sales_app.urls")),
]
