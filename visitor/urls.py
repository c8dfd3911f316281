from django.urls import path

from visitor import views

urlpatterns = [
    path("<str:token>/", views.ticket, name="visitor"),
    path("<str:token>/frame/", views.frame, name="visitor-frame"),
    path("<str:token>/leave/", views.leave, name="visitor-leave"),
]
