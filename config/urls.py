from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

# One way in: the admin's own form knows neither lockout nor second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("sessions_app.urls")),
    path("", include("sales_app.urls")),
]
