from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from queuesite import views
from staffdesk.signing_in import into_set_up

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
    path("admin/login/", into_set_up, name="into-set-up"),
    path("admin/", admin.site.urls),
]

handler400 = "queuesite.views.not_understood"
handler403 = "queuesite.views.not_yours"
handler404 = "queuesite.views.not_found"
handler500 = "queuesite.views.failed"
