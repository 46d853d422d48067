from django.apps import AppConfig


class HazardsConfig(AppConfig):
    name = "openconsular.hazards"
    label = "hazards"
