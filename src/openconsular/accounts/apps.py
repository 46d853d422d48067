from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "openconsular.accounts"
    label = "accounts"
