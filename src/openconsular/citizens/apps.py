from django.apps import AppConfig


class CitizensConfig(AppConfig):
    name = "openconsular.citizens"
    label = "citizens"
