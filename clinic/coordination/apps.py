from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "clinic.coordination"

    def ready(self) -> None:
        from clinic import worklist
        from clinic.coordination.waiting import tasks

        worklist.register("tasks", tasks)
