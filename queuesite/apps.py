from django.apps import AppConfig


class QueuesiteConfig(AppConfig):
    name = "queuesite"
