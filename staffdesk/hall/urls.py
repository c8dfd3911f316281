from django.urls import path

from staffdesk.hall import presses, views

urlpatterns = [
    path("<slug:slug>/", views.hall, name="hall"),
    path("<slug:slug>/frame/", views.frame, name="hall-frame"),
    path("<slug:slug>/closing/", views.closing, name="hall-closing"),
    path("<slug:slug>/pause/", presses.pause, name="hall-pause"),
    path("<slug:slug>/resume/", presses.resume, name="hall-resume"),
    path("<slug:slug>/notice/", presses.notice, name="hall-notice"),
    path("<slug:slug>/notice/remove/", presses.remove_notice, name="hall-notice-remove"),
    path("<slug:slug>/close/stop/", presses.stop, name="hall-stop"),
    path("<slug:slug>/close/now/", presses.close_now, name="hall-close-now"),
    path("<slug:slug>/reopen/", presses.reopen, name="hall-reopen"),
    path("<slug:slug>/service/open/", presses.open_service, name="hall-service-open"),
    path("<slug:slug>/service/close/", presses.close_service, name="hall-service-close"),
    path("<slug:slug>/desk/<int:desk_id>/services/", presses.desk_services, name="hall-desk-services"),
    path("<slug:slug>/desk/<int:desk_id>/coming/", presses.coming, name="hall-coming"),
    path("<slug:slug>/kiosk/coming/", presses.kiosk_coming, name="hall-kiosk-coming"),
    path("<slug:slug>/ticket/<int:ticket_id>/free/", presses.release, name="hall-free"),
    path("<slug:slug>/ticket/<int:ticket_id>/end/", presses.end, name="hall-end"),
    path("<slug:slug>/ticket/send/", presses.transfer, name="hall-send"),
    path("<slug:slug>/ticket/priority/", presses.priority, name="hall-priority"),
    path("<slug:slug>/rule/add/", presses.add_rule, name="hall-rule-add"),
    path("<slug:slug>/rule/<int:rule_id>/on/", presses.switch_rule_on, name="hall-rule-on"),
    path("<slug:slug>/rule/<int:rule_id>/off/", presses.switch_rule_off, name="hall-rule-off"),
    path("<slug:slug>/rule/<int:rule_id>/remove/", presses.remove_rule, name="hall-rule-remove"),
]
