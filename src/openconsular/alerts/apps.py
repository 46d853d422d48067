from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "openconsular.alerts"
    label = "alerts"
