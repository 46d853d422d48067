from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "openconsular.foundation"
    label = "foundation"
