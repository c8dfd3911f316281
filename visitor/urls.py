from django.urls import path

from visitor import views

urlpatterns = [
    path("<slug:token>/", views.ticket, name="visitor"),
    path("<slug:token>/frame/", views.frame, name="visitor-frame"),
    path("<slug:token>/leave/", views.leave, name="visitor-leave"),
    path("<slug:token>/here/", views.here, name="visitor-here"),
    path("<slug:token>/tell/", views.tell, name="visitor-tell"),
    path("<slug:token>/thank/", views.thank, name="visitor-thank"),
]
