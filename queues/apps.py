from django.apps import AppConfig

from live import source


class QueuesConfig(AppConfig):
    name = "queues"

    def ready(self) -> None:
        from queues.snapshot.source import BranchSource  # noqa: PLC0415 - models exist only now

        source.register(BranchSource())
