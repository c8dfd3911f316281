from django.urls import path

from staffdesk.desk import presses, thanks, views

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
    "auto": presses.set_auto_call,
    "take-over": presses.take_over,
    "help": presses.help_wanted,
    "help-ended": presses.help_ended,
    "help-coming": presses.help_coming,
    "kiosk-coming": presses.kiosk_coming,
    "issue": presses.issue,
    "record": presses.record,
}
"""By the last part of the address."""

urlpatterns = [
    path("", views.desks, name="desks"),
    path("<int:desk_id>/", views.desk, name="desk"),
    path("<int:desk_id>/leave/", views.leave, name="desk-leave"),
    path("<int:desk_id>/day/", views.day, name="desk-day"),
    path("<int:desk_id>/helped/", views.helped, name="desk-helped"),
    path("<int:desk_id>/frame/", views.frame, name="desk-frame"),
    *(path(f"<int:desk_id>/{name}/", view, name=f"desk-{name}") for name, view in PRESSES.items()),
    path("<int:desk_id>/attend/", presses.attend, name="desk-attend"),
    path("thanks/", thanks.thanks, name="thanks"),
    path("thanks/give/", thanks.thank, name="thank"),
]
