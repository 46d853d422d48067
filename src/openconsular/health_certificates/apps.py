from django.apps import AppConfig


class HealthCertificatesConfig(AppConfig):
    name = "openconsular.health_certificates"
    label = "health_certificates"
