"""Renders Django's forms with the project's own components."""

from django.forms.renderers import DjangoTemplates


class Renderer(DjangoTemplates):
    pass
