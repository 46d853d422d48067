"""Lists of keys we believe: where they come from, and every edition that was taken."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openconsular.health_certificates.models.environments import Environment


class TrustSource(models.Model):
    """A published list. `url` is the only address it is ever fetched from; empty for lists that come as files.

    `anchors` holds what vouches for the list, where its kind has that (JSON, see `anchoring`).
    """

    class Kind(models.TextChoices):
        GDHCN_DID = "gdhcn-did", _("WHO GDHCN trust list (DID)")
        DSC_LIST = "dsc-list", _("list of signer certificates (EU style)")
        JWKS = "jwks", _("keys of a SMART issuer (JWKS)")
        VDS_NC = "vds-nc", _("VDS-NC signers")
        REVOCATIONS = "revocations", _("revocation list")
        CRL = "crl", _("signers an authority revoked (CRL)")

    name = models.SlugField()
    environment = models.CharField(max_length=4, choices=Environment)
    kind = models.CharField(max_length=12, choices=Kind)
    url = models.URLField(max_length=300, blank=True)
    issuer = models.CharField(max_length=300, blank=True)
    anchors = models.TextField(blank=True)
    is_enabled = models.BooleanField(default=True)
    stale_after_hours = models.IntegerField(default=48)
    tried_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["environment", "name"], name="one_source_a_name")]

    def __str__(self) -> str:
        return self.name


class TrustEdition(models.Model):
    """One edition of a list as it came. A trigger refuses an edition older than the newest one held.

    `valid_until` is when its publisher wants it replaced, where the list says so.
    """

    source = models.ForeignKey(TrustSource, on_delete=models.PROTECT, related_name="editions")
    sequence = models.BigIntegerField()
    as_of = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    key_count = models.IntegerField()
    problem_count = models.IntegerField(default=0)
    proof = models.CharField(max_length=20)
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=60)

    class Meta:
        indexes = [models.Index(fields=["source", "-id"], name="edition_newest")]
