from django.urls import path

from kiosk import views

urlpatterns = [
    path("<slug:branch>/", views.start, name="kiosk"),
    path("<slug:branch>/help/", views.help_wanted, name="kiosk-help"),
    path("<slug:branch>/frame/", views.start_frame, name="kiosk-start-frame"),
    path("<slug:branch>/<slug:language>/frame/", views.frame, name="kiosk-frame"),
    path("<slug:branch>/<slug:language>/<uuid:visit>/", views.services, name="kiosk-services"),
    path("<slug:branch>/<slug:language>/ticket/<slug:token>/", views.ticket, name="kiosk-ticket"),
    path("<slug:branch>/<slug:language>/ticket/<slug:token>/more/", views.more, name="kiosk-more"),
]
