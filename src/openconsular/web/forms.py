"""Renders every Django form with the project's own components: `{{ form }}` and `{{ field.as_field_group }}`."""

from django.forms.renderers import DjangoTemplates


class Renderer(DjangoTemplates):
    form_template_name = "components/form.html"
    field_template_name = "components/field_group.html"
