"""Keys a country signs with, from the request for their certificate to their end."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from openconsular.foundation.secrets import SealedTextField
from openconsular.health_certificates.models.environments import Environment


class SigningKey(models.Model):
    """A P-256 key pair with its certificate. The private half lies sealed here, or in a PKCS#11 token.

    requested (CSR made) -> certified (certificate installed) -> active (a second person let it sign) -> retired.
    `kinds` are those its extended key usage allows, empty for all; `kid` is the first 8 bytes of SHA-256 over the
    certificate. It signs from `not_before` until `signs_until`, and what it signed is valid until `not_after` at most.
    `most_certificates` bounds what a lost key can have signed.
    """

    class Purpose(models.TextChoices):
        SCA = "sca", _("authority (SCA)")
        DSC = "dsc", _("document signer (DSC)")
        UP = "up", _("upload (UP)")
        TLS = "tls", _("TLS client")
        LIST = "list", _("lists for verifiers")

    class State(models.TextChoices):
        REQUESTED = "requested", _("waiting for its certificate")
        CERTIFIED = "certified", _("waiting for a second person")
        ACTIVE = "active", _("in use")
        RETIRED = "retired", _("retired")
        COMPROMISED = "compromised", _("compromised")

    environment = models.CharField(max_length=4, choices=Environment)
    purpose = models.CharField(max_length=4, choices=Purpose)
    state = models.CharField(max_length=12, choices=State, default=State.REQUESTED)
    label = models.SlugField(unique=True)
    country = models.CharField(max_length=2)
    kinds = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    private_key = SealedTextField(context="health_certificates.signingkey.private_key", null=True, blank=True)
    token_label = models.CharField(max_length=64, blank=True)
    public_key = models.BinaryField()
    request_pem = models.TextField(blank=True)
    certificate = models.BinaryField(null=True)
    kid = models.BinaryField(max_length=8, null=True)
    authority = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    not_before = models.DateTimeField(null=True)
    not_after = models.DateTimeField(null=True)
    signs_until = models.DateTimeField(null=True)
    most_certificates = models.BigIntegerField(null=True, blank=True)
    signed_count = models.BigIntegerField(default=0)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    activated_by = models.CharField(max_length=60, blank=True)
    activated_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["environment", "kid"], name="one_key_a_kid"),
            # A key pair that has been tried out is never one that counts.
            models.UniqueConstraint(fields=["public_key"], name="key_in_one_environment"),
            models.CheckConstraint(
                condition=Q(private_key__isnull=False, token_label="")
                | Q(private_key__isnull=True) & ~Q(token_label="")
                # Of a key that was compromised the private half is destroyed.
                | Q(private_key__isnull=True, state="compromised"),
                name="key_is_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("certified", "active"))
                | Q(certificate__isnull=False, kid__isnull=False, not_after__isnull=False),
                name="key_has_certificate",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(activated_at__isnull=False), name="key_was_activated"
            ),
            # What signs for real is let in by two persons; for trying things out one is enough.
            models.CheckConstraint(
                condition=~Q(state="active") | Q(environment="test") | ~Q(activated_by=F("created_by")),
                name="key_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(most_certificates__isnull=True) | Q(signed_count__lte=F("most_certificates")),
                name="key_within_its_number",
            ),
            models.CheckConstraint(
                condition=Q(signs_until__isnull=True) | Q(signs_until__lte=F("not_after")),
                name="key_signs_while_valid",
            ),
        ]
        indexes = [models.Index(fields=["environment", "purpose", "state"], name="key_in_use")]

    def __str__(self) -> str:
        return self.label
