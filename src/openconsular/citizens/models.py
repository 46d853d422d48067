"""The registry: people abroad, how to reach them, where they are and when, and what they agreed to."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from openconsular.foundation.secrets import SealedTextField


class Person(models.Model):
    """A citizen (or someone who travels with one). Companions hang on a lead person and are reached through them.

    `languages` are BCP 47 tags, the preferred first. `mission` is where the person's current or next stay lies;
    it is kept on the stay as well, which is what counts.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    native_name = models.CharField(max_length=120, blank=True)
    latin_name = models.CharField(max_length=120, blank=True)
    born_on = models.DateField(null=True, blank=True)
    document_number = SealedTextField(context="citizens.person.document_number", null=True, blank=True)
    document_hash = models.BinaryField(max_length=16, null=True, editable=False)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    lead = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="companions"
    )
    relation = models.CharField(max_length=40, blank=True)
    is_synthetic = models.BooleanField(default=False)
    from_crisis_form = models.BooleanField(default=False)
    # False while consent to warnings is withdrawn: then the person's stays are not matched with hazards.
    wants_warnings = models.BooleanField(default=True, db_default=True)
    # When the person had everything deleted but a ledger row must keep standing for somebody: nothing else is left.
    erased_at = models.DateTimeField(null=True, blank=True)
    # An entry of the crisis form that proved to be this registered person.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged_entries"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["document_hash"], name="person_document"),
            models.Index(fields=["lead"], name="person_lead"),
        ]

    def __str__(self) -> str:
        return self.native_name or self.latin_name

    @property
    def languages_or_default(self) -> list[str]:
        return list(self.languages)


class Contact(models.Model):
    """One way to reach a person: a phone in E.164 or an e-mail address, sealed; or the contact someone trusts."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=8, choices=Kind)
    value = SealedTextField(context="citizens.contact.value")
    value_hash = models.BinaryField(max_length=16, editable=False)
    is_trusted_other = models.BooleanField(default=False)
    other_name = models.CharField(max_length=120, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["value_hash"], name="contact_value"),
            models.Index(fields=["person", "kind"], name="contact_person"),
        ]


class Trip(models.Model):
    """A journey of one person (and companions) with one leg or several; deleted some time after it ends."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="trips")
    title = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()


class Stay(models.Model):
    """A person at a place for a time: a leg of a trip, or a residence (no end). This is what hazards are matched on.

    `lat`, `lon` in degrees (WGS 84); `uncertainty_m` is the radius within which the person really is, in metres;
    `morton` is the Z-order code of the position with its class of uncertainty above it: always what
    `openconsular.domain.geo.position_code` makes of the three. `region` is the ISO
    country code with the GeoNames admin1 code ("PH-07"). A null `ends_at` is open.
    """

    class Kind(models.TextChoices):
        RESIDENCE = "residence", _("residence")
        LEG = "leg", _("stay on a trip")
        POSITION = "position", _("own position")

    class Source(models.TextChoices):
        GAZETTEER = "gazetteer", _("chosen place")
        PIN = "pin", _("map pin")
        DEVICE = "device", _("device position")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="stays")
    trip = models.ForeignKey(Trip, null=True, blank=True, on_delete=models.CASCADE, related_name="legs")
    # A companion's stay goes with the lead's, and changes and ends with it.
    follows = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="followers"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(max_length=10, choices=Source, default=Source.GAZETTEER)
    label = models.CharField(max_length=120)
    place_id = models.IntegerField(null=True, blank=True)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=12)
    mission = models.ForeignKey("accounts.Mission", null=True, blank=True, on_delete=models.SET_NULL)
    lat = models.FloatField()
    lon = models.FloatField()
    uncertainty_m = models.IntegerField(default=0)
    morton = models.BigIntegerField()
    timezone = models.CharField(max_length=64, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["morton"], name="stay_morton"),
            models.Index(fields=["person"], name="stay_person"),
            models.Index(fields=["ends_at"], name="stay_ends"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lat__gte=-90, lat__lte=90, lon__gte=-180, lon__lte=180),
                name="stay_on_earth",
            ),
            models.CheckConstraint(condition=models.Q(uncertainty_m__gte=0), name="stay_uncertainty"),
        ]


class Consent(models.Model):
    """What a person agreed to, for one purpose, with the version of the words they saw. Withdrawing adds a date."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    text_version = models.CharField(max_length=20)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_consent_a_purpose",
            )
        ]


class SignInCode(models.Model):
    """A one-time code sent to a phone or e-mail. Only its hash is kept; it dies after use, time or five tries.

    `address` and `sealed_code` exist only until the code has been sent. Where nobody is to be told (an unknown contact
    asks to sign in), there is a row like any other, but nothing to send.
    """

    contact_hash = models.BinaryField(max_length=16)
    code_hash = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=8, choices=Contact.Kind, default=Contact.Kind.PHONE)
    language = models.CharField(max_length=12, blank=True)
    address = SealedTextField(context="citizens.signincode.address", null=True, blank=True)
    sealed_code = SealedTextField(context="citizens.signincode.code", null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["contact_hash", "created_at"], name="signincode_contact")]


class Attempt(models.Model):
    """One use of something that is rationed (codes asked for, codes tried, crisis forms), by whom as a keyed hash."""

    kind = models.CharField(max_length=20)
    key_hash = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "key_hash", "at"], name="attempt_key"),
            models.Index(fields=["at"], name="attempt_at"),
        ]
