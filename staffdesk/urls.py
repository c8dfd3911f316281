from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from staffdesk import views

urlpatterns = [
    path("", views.desks, name="desks"),
    path(
        "sign-in/",
        LoginView.as_view(template_name="staffdesk/sign_in.html", redirect_authenticated_user=True),
        name="sign-in",
    ),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("<int:desk_id>/", views.desk, name="desk"),
    path("<int:desk_id>/frame/", views.frame, name="desk-frame"),
    path("<int:desk_id>/call-next/", views.call_next, name="desk-call-next"),
    path("<int:desk_id>/recall/", views.recall, name="desk-recall"),
    path("<int:desk_id>/start/", views.start, name="desk-start"),
    path("<int:desk_id>/finish/", views.finish, name="desk-finish"),
    path("<int:desk_id>/absent/", views.absent, name="desk-absent"),
]
