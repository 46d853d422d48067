"""Hazards, the messages they are made of, and what could not be used."""

from django.db import models


class Hazard(models.Model):
    """One event, however many messages speak of it."""

    headline = models.JSONField(default=dict)
