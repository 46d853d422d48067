"""Searching the audit trail.

The trail grows for ever, so pages are cut by entry number, never by counting, and no page costs more than another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from openconsular.accounts import queries
from openconsular.foundation.models import AuditEntry

PAGE = 100
LARGEST_EXPORT = 100_000
COLUMNS = ("number", "at", "actor", "action", "subject", "detail", "mac")


@dataclass(frozen=True)
class Wanted:
    """What is searched for; empty means everything. `actor` and `subject` are labels ("staff:7", "case:2026-000123")."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def as_detail(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Page:
    entries: list[AuditEntry]
    older_than: int | None


def find(wanted: Wanted) -> QuerySet[AuditEntry]:
    """Entries, newest first. Actor and subject match whole, or by their kind ("staff:"); the action anywhere."""
    found = AuditEntry.objects.order_by("-number")
    if wanted.actor:
        found = found.filter(**_matching("actor", wanted.actor))
    if wanted.subject:
        found = found.filter(**_matching("subject", wanted.subject))
    if wanted.action:
        found = found.filter(action__contains=wanted.action)
    if wanted.since:
        found = found.filter(at__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__lte=wanted.until)
    return found


def page(wanted: Wanted, *, before: int | None = None) -> Page:
    found = find(wanted)
    if before:
        found = found.filter(number__lt=before)
    entries = list(found[: PAGE + 1])
    has_more = len(entries) > PAGE
    return Page(entries[:PAGE], entries[PAGE - 1].number if has_more else None)


def rows(wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    for one in find(wanted)[:LARGEST_EXPORT].iterator(chunk_size=2000):
        mac = bytes(one.mac).hex()
        yield one.number, one.at.isoformat(), one.actor, one.action, one.subject, one.detail, mac


def _matching(column: str, typed: str) -> dict[str, str]:
    """A label as typed, or its beginning up to the colon; a user name stands for its label."""
    if typed.endswith(":"):
        return {f"{column}__startswith": typed}
    officer = None if ":" in typed else queries.officer_by_username(typed)
    return {column: officer.actor.label if officer else typed}


class SearchForm(forms.Form):
    actor = forms.CharField(label=_("Who"), required=False, max_length=80)
    action = forms.CharField(label=_("What"), required=False, max_length=80)
    subject = forms.CharField(label=_("Of what or whom"), required=False, max_length=80)
    since = forms.DateTimeField(
        label=_("From (UTC)"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        label=_("Until (UTC)"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def wanted(self) -> Wanted:
        """What was asked for; fields that cannot be read are shown as errors and left out."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) for name in self.fields}
        return Wanted(**{name: value for name, value in found.items() if value})

    def before(self) -> int | None:
        raw = str(self.data.get("before", ""))
        return int(raw) if raw.isdecimal() and len(raw) < 16 else None
