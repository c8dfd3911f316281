from django.apps import AppConfig


class QueuesiteConfig(AppConfig):
    name = "queuesite"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created  # noqa: PLC0415 - as below

        from queuesite import fast_paths, lock, logs, trace  # noqa: PLC0415 - signals are listened to once all is there

        connection_created.connect(lock.note_open)
        trace.listen()
        logs.listen()
        fast_paths.enable(under_daphne=False)
