"""Signing in and out, under the same address as the desks. The hall has an address of its own."""

from django.urls import include, path

from staffdesk import signing_in

urlpatterns = [
    path("sign-in/", signing_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", signing_in.code, name="sign-in-code"),
    path("sign-in/organisation/", signing_in.organisation, name="sign-in-organisation"),
    path("sign-in/back/", signing_in.back, name="sign-in-back"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("second-factor/", signing_in.set_up_second_factor, name="second-factor"),
    path("second-factor/remove/", signing_in.remove_second_factor, name="second-factor-remove"),
    path("", include("staffdesk.desk.urls")),
]
