from django.apps import AppConfig


class QueuesiteConfig(AppConfig):
    name = "queuesite"

    def ready(self) -> None:
        from queuesite import logs, psycopg_times, trace  # noqa: PLC0415 - signals are listened to once everything is there

        trace.listen()
        logs.listen()
        psycopg_times.read_times_quickly()
