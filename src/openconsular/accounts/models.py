"""Staff and the missions they work at."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from openconsular.foundation.permissions import Actor, Role
from openconsular.foundation.profile import in_language


class Mission(models.Model):
    """An embassy, consulate or other post, with the district whose citizens it looks after.

    `district` holds ISO 3166-1 alpha-2 codes ("PH") and first-level subdivisions by GeoNames admin1 code
    ("PH-07"); the longer code wins.
    """

    code = models.SlugField(unique=True)
    kind = models.CharField(max_length=32)
    names = models.JSONField()
    cities = models.JSONField()
    country = models.CharField(max_length=2)
    lat = models.FloatField()
    lon = models.FloatField()
    timezone = models.CharField(max_length=64)
    phone = models.CharField(max_length=64, blank=True)
    district = ArrayField(models.CharField(max_length=12), default=list)

    def __str__(self) -> str:
        return in_language(self.names)


class OfficerManager(BaseUserManager["Officer"]):
    def get_by_natural_key(self, username: str | None) -> "Officer":
        return self.get(username__iexact=username or "")


class Officer(AbstractBaseUser):
    """A member of staff. Signs in with a passkey, or with a password and a one-time code."""

    class Roles(models.TextChoices):
        DUTY_OFFICER = Role.DUTY_OFFICER.value, _("duty officer")
        APPROVER = Role.APPROVER.value, _("approver")
        MISSION_OFFICER = Role.MISSION_OFFICER.value, _("mission officer")
        AUDITOR = Role.AUDITOR.value, _("auditor")
        ADMINISTRATOR = Role.ADMINISTRATOR.value, _("administrator")
        HEALTH_OFFICER = Role.HEALTH_OFFICER.value, _("health officer")
        CLINIC = Role.CLINIC.value, _("clinic")

    username = models.SlugField(unique=True)
    email = models.EmailField(blank=True)
    display_name = models.CharField(max_length=80)
    role = models.CharField(max_length=20, choices=Roles)
    mission = models.ForeignKey(Mission, null=True, blank=True, on_delete=models.PROTECT)
    language = models.CharField(max_length=12, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[OfficerManager] = OfficerManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(role=Role.MISSION_OFFICER.value) | models.Q(mission__isnull=False),
                name="mission_officer_has_mission",
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.CLINIC.value) | models.Q(mission__isnull=False),
                name="clinic_has_mission",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def actor(self) -> Actor:
        return Actor(
            label=f"staff:{self.pk}", role=Role(self.role), mission_id=self.mission_id, officer_id=self.pk
        )
