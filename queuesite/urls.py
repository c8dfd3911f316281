from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from queuesite import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="landing"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("language/", set_language, name="set-language"),
    path("kiosk/", include("kiosk.urls")),
    path("display/", include("display.urls")),
    path("desk/", include("staffdesk.urls")),
    path("hall/", include("staffdesk.hall.urls")),
    path("t/", include("visitor.urls")),
    path("admin/", admin.site.urls),
]

handler404 = "queuesite.views.not_found"
