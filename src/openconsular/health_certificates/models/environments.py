"""Live or test: keys, records, lists and revocations of the two never meet."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Environment(models.TextChoices):
    LIVE = "live", _("live")
    TEST = "test", _("test")
