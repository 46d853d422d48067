from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "openconsular.casework"
    label = "casework"
