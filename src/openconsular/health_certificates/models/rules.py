"""Entry rules of States: where they come from, what each look at a list found, and every rule that was taken."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openconsular.health_certificates.models.environments import Environment


class RuleSource(models.Model):
    """A published list. `url` is the only address it is ever fetched from; empty for lists that come as files.

    `signers` holds the certificates (PEM) with which countries sign their rules; where there are any, a rule without such
    a signature is refused.
    """

    class Kind(models.TextChoices):
        RULES = "rules", _("entry rules")
        VALUE_SETS = "value-sets", _("value sets that rules ask for")

    name = models.SlugField()
    environment = models.CharField(max_length=4, choices=Environment)
    kind = models.CharField(max_length=10, choices=Kind)
    url = models.URLField(max_length=300, blank=True)
    signers = models.TextField(blank=True)
    is_enabled = models.BooleanField(default=True)
    stale_after_hours = models.IntegerField(default=48)
    tried_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["environment", "name"], name="one_rule_source_a_name")]

    def __str__(self) -> str:
        return self.name


class RuleEdition(models.Model):
    """A look at a list. `refused` are entries that stayed out: {place, identifier, country, version, code, message}.

    `incomplete` are countries of which a rule could not be read, so that nobody passes for want of it.
    """

    source = models.ForeignKey(RuleSource, on_delete=models.PROTECT, related_name="editions")
    digest = models.CharField(max_length=64)
    # Of a list of hashes, the SHA-256 of that list alone: while it stays the same nothing else is fetched.
    index_digest = models.CharField(max_length=64, blank=True)
    taken_count = models.IntegerField()
    refused_count = models.IntegerField()
    refused = models.JSONField(default=list)
    incomplete = models.JSONField(default=list)
    added = models.IntegerField(default=0)
    withdrawn = models.IntegerField(default=0)
    proof = models.CharField(max_length=12)
    seen_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=60)

    class Meta:
        indexes = [models.Index(fields=["source", "-id"], name="rule_edition_newest")]


class EntryRule(models.Model):
    """A version of a rule. `body` is its JSON; nothing of it is changed once it is taken.

    `fault` is why its logic cannot be evaluated: such a rule is open wherever it applies.
    """

    source = models.ForeignKey(RuleSource, on_delete=models.PROTECT, related_name="rules")
    identifier = models.CharField(max_length=80)
    country = models.CharField(max_length=8)
    region = models.CharField(max_length=60, blank=True)
    version = models.CharField(max_length=32)
    type = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    body = models.TextField()
    fault = models.CharField(max_length=300, blank=True)
    taken_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "country", "region", "identifier", "version"], name="one_rule_a_version"
            )
        ]
        indexes = [models.Index(fields=["country", "identifier"], name="rule_of_country")]


class CodeSet(models.Model):
    """The newest edition of a value set; `edition_on` is the day it names itself, where it does."""

    source = models.ForeignKey(RuleSource, on_delete=models.PROTECT, related_name="code_sets")
    name = models.CharField(max_length=120)
    edition_on = models.DateField(null=True, blank=True)
    codes = models.JSONField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="one_code_set_a_name")]
