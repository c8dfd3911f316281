from django.urls import path

from staffdesk import signing_in
from staffdesk.desk import presses, views

PRESSES = {
    "call-next": presses.call_next,
    "call-ticket": presses.call_ticket,
    "call-held": presses.call_held,
    "recall": presses.recall,
    "start": presses.start,
    "finish": presses.finish,
    "absent": presses.absent,
    "put-back": presses.put_back,
    "hold": presses.hold,
    "transfer": presses.transfer,
    "link": presses.link,
    "plan": presses.plan,
    "back": presses.back,
    "undo": presses.undo,
    "pause": presses.pause,
    "resume": presses.resume,
    "auto": presses.call_by_itself,
    "take-over": presses.take_over,
    "help": presses.help_wanted,
    "help-ended": presses.help_ended,
    "help-coming": presses.help_coming,
    "kiosk-coming": presses.kiosk_coming,
    "issue": presses.issue,
    "record": presses.record,
}
"""By the last part of their address."""

urlpatterns = [
    path("", views.desks, name="desks"),
    path("sign-in/", signing_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", signing_in.code, name="sign-in-code"),
    path("sign-in/organisation/", signing_in.organisation, name="sign-in-organisation"),
    path("sign-in/back/", signing_in.back, name="sign-in-back"),
    path("second-factor/", signing_in.set_up_second_factor, name="second-factor"),
    path("second-factor/remove/", signing_in.remove_second_factor, name="second-factor-remove"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("<int:desk_id>/", views.desk, name="desk"),
    path("thanks/", views.thanks, name="thanks"),
    path("thanks/give/", views.thank, name="thank"),
    path("<int:desk_id>/leave/", views.leave, name="desk-leave"),
    path("<int:desk_id>/day/", views.day, name="desk-day"),
    path("<int:desk_id>/helped/", views.helped, name="desk-helped"),
    path("<int:desk_id>/frame/", views.frame, name="desk-frame"),
    *(path(f"<int:desk_id>/{name}/", view, name=f"desk-{name}") for name, view in PRESSES.items()),
]
