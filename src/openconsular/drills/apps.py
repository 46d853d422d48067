from django.apps import AppConfig


class DrillsConfig(AppConfig):
    name = "openconsular.drills"
    label = "drills"
