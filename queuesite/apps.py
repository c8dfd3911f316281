from django.apps import AppConfig


class QueuesiteConfig(AppConfig):
    name = "queuesite"

    def ready(self) -> None:
        from queuesite import fast_paths, logs, trace  # noqa: PLC0415 - signals are listened to once everything is there

        trace.listen()
        logs.listen()
        fast_paths.enable(under_daphne=False)
