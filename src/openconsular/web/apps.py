from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "openconsular.web"
    label = "web"
