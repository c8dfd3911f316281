from django.apps import AppConfig


class StaffDeskConfig(AppConfig):
    name = "staffdesk"
