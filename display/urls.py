from django.urls import path

from display import views

urlpatterns = [
    path("<slug:branch>/", views.display, name="display"),
    path("<slug:branch>/frame/", views.frame, name="display-frame"),
]
