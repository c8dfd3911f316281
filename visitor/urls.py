from django.urls import path

from visitor import views

urlpatterns = [
    path("<slug:token>/", views.ticket, name="visitor"),
    path("<slug:token>/frame/", views.frame, name="visitor-frame"),
    path("<slug:token>/leave/", views.leave, name="visitor-leave"),
]
