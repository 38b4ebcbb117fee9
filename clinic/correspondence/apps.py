from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "clinic.correspondence"

    def ready(self) -> None:
        from clinic import worklist
        from clinic.correspondence.waiting import deliveries, help_asked

        worklist.register("help", help_asked)
        worklist.register("deliveries", deliveries)
