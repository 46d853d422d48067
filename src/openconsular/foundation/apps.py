from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "openconsular.foundation"
    label = "foundation"

    def ready(self) -> None:
        from openconsular.foundation import checks  # noqa: F401 - registers itself
