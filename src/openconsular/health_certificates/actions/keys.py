"""A key's life: made, certified, let in by a second person, followed by another, ended."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.signing import key_certificates
from openconsular.domain.health.signing.key_certificates import CertificateRefused, Purpose, Subject, Term
from openconsular.domain.health.trust.countries import may_stand
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates import custody, rules
from openconsular.health_certificates.models import Environment, SigningKey

State = SigningKey.State


@transaction.atomic
def make_key(
    *,
    label: str,
    purpose: Purpose,
    kinds: Iterable[Kind] = (),
    in_token: bool = False,
    most_certificates: int | None = None,
    environment: str = "",
    by: Actor,
    now: datetime,
) -> SigningKey:
    """A new key pair and the request for its certificate (`request_pem`).

    `kinds` limits a document signer; none means all. `environment` is the installation's own unless given.
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    environment = environment or settings.CERTIFICATES
    if environment not in Environment.values:
        raise InvalidInput(_("There is no such environment."), fields={"environment": _("unknown")})
    country = rules.current().country
    if not may_stand(country, for_tests=environment == Environment.TEST):
        raise InvalidInput(
            _("%(country)s is no country: its certificates are for tests only.") % {"country": country},
            code="invented-country",
        )
    if SigningKey.objects.filter(label=label).exists():
        raise Conflict(_("There is a key of this name already."))
    pem, public = (None, custody.make_in_token(label)) if in_token else custody.make_sealed()
    wanted = sorted(set(kinds)) if purpose is Purpose.DSC else []
    key = SigningKey(
        environment=environment,
        purpose=purpose.value,
        label=label,
        country=country,
        kinds=[kind.value for kind in wanted],
        private_key=pem,
        token_label=label if in_token else "",
        public_key=public,
        most_certificates=most_certificates,
        created_by=by.label[:60],
        created_at=now,
    )
    key.request_pem = key_certificates.request(
        subject_of(key), public, purpose, wanted, custody.signer_of(key)
    )
    key.save(force_insert=True)
    _audit(key, "make", by, now, purpose=key.purpose, kinds=key.kinds, token=in_token)
    return key


def subject_of(key: SigningKey) -> Subject:
    return Subject(key.country, rules.current().issuer[:64], key.label)


@transaction.atomic
def install_certificate(
    *, label: str, certificate: bytes, sign_days: int | None = None, by: Actor, now: datetime
) -> SigningKey:
    """Give a key the certificate (PEM or DER) an authority made for its request.

    `sign_days` ends its signing earlier than its certificate, so that what it signs can outlive its turn.
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    key = _lock(label)
    if key.state != State.REQUESTED:
        raise Conflict(_("This key has its certificate."))
    try:
        facts = key_certificates.read(certificate)
    except CertificateRefused as error:
        raise InvalidInput(error.message, code=error.code) from error
    _check_fits(key, facts)
    signs_until = min(facts.not_after, facts.signs_until or facts.not_after)
    if sign_days is not None:
        signs_until = min(signs_until, max(facts.not_before, now) + timedelta(days=sign_days))
    key.certificate, key.kid = facts.der, facts.kid
    key.not_before, key.not_after, key.signs_until = facts.not_before, facts.not_after, signs_until
    key.kinds = sorted(kind.value for kind in facts.kinds) or key.kinds
    key.state = State.CERTIFIED
    try:
        with transaction.atomic():
            key.save()
    except IntegrityError as error:
        raise Conflict(_("Another key has the same key identifier. Ask for another certificate.")) from error
    _audit(key, "certify", by, now, kid=facts.kid.hex(), until=facts.not_after.isoformat())
    return key


def _check_fits(key: SigningKey, facts: key_certificates.Facts) -> None:
    if facts.public_key != bytes(key.public_key):
        raise InvalidInput(_("This certificate is for another key."), code="other-key")
    if facts.country != key.country:
        raise InvalidInput(_("This certificate names another country."), code="other-country")
    if facts.is_authority is not (key.purpose == SigningKey.Purpose.SCA):
        raise InvalidInput(_("This certificate is for another purpose."), code="other-purpose")
    if facts.kinds and key.kinds and not {kind.value for kind in facts.kinds} <= set(key.kinds):
        raise InvalidInput(_("This certificate allows more than was asked for."), code="other-usage")


@transaction.atomic
def certify_self(*, label: str, years: int = 4, by: Actor, now: datetime) -> SigningKey:
    """Let an authority sign its own certificate, as every country's own root does."""
    key = _lock(label)
    if key.purpose != SigningKey.Purpose.SCA:
        raise Conflict(_("Only an authority vouches for itself."))
    term = _term(now, timedelta(days=round(365.25 * years)))
    made = key_certificates.certify(
        subject_of(key), bytes(key.public_key), Purpose.SCA, (), term, custody.signer_of(key)
    )
    return install_certificate(label=label, certificate=made, by=by, now=now)


@transaction.atomic
def certify_with(
    *,
    label: str,
    authority: str,
    days: int = 730,
    sign_days: int | None = 180,
    crl_address: str = "",
    by: Actor,
    now: datetime,
) -> SigningKey:
    """Let an authority in use certify another key of the same environment, never beyond its own end.

    `crl_address` (http or https) is where the authority's revocation list is published, for the certificate to name.
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    key, above = _lock(label), _lock(authority)
    if above.purpose != SigningKey.Purpose.SCA or above.state != State.ACTIVE:
        raise Conflict(_("This is not an authority in use."))
    if above.environment != key.environment:
        raise NotAllowed(_("Live and test keys never vouch for each other."))
    assert above.certificate is not None and above.not_after is not None
    if crl_address and not crl_address.startswith(("http://", "https://")):
        raise InvalidInput(_("This is no address of a revocation list."), code="crl-address")
    term = _term(now, min(timedelta(days=days), above.not_after - now), sign_days)
    term = replace(term, crl_address=crl_address[:300])
    made = key_certificates.certify(
        subject_of(key),
        bytes(key.public_key),
        Purpose(key.purpose),
        [Kind(one) for one in key.kinds],
        term,
        custody.signer_of(above),
        authority=bytes(above.certificate),
    )
    key = install_certificate(label=label, certificate=made, sign_days=sign_days, by=by, now=now)
    key.authority = above
    key.save(update_fields=["authority"])
    return key


@transaction.atomic
def activate_key(*, label: str, by: Actor, now: datetime) -> SigningKey:
    """Let a certified key sign. In the live environment by another person than who made it.

    Keys in use before it stay in use: signing takes the one with the latest certificate (`queries.keys.signing_key`),
    so that a roll-over has no gap; the old one is retired when all verifiers know the new one.
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    key = _lock(label)
    if key.state != State.CERTIFIED:
        raise Conflict(_("This key is not waiting to be activated."))
    if key.environment == Environment.LIVE and key.created_by == by.label:
        raise NotAllowed(_("Another person than who made the key lets it in."))
    key.state, key.activated_by, key.activated_at = State.ACTIVE, by.label[:60], now
    key.save(update_fields=["state", "activated_by", "activated_at"])
    _audit(key, "activate", by, now)
    return key


@transaction.atomic
def retire_key(
    *, label: str, reason: str, is_compromised: bool = False, by: Actor, now: datetime
) -> SigningKey:
    """End a key for good. What it signed stays valid, unless it `is_compromised`: then its private half is
    destroyed here, and its certificate is taken off the trust list (`revoke` and the network's own procedure).

    That a key was compromised may come out after it was retired. Where its token cannot be reached the key has ended
    all the same; the audit entry says that it lies there still.
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    key = _lock(label)
    if key.state == State.COMPROMISED or (key.state == State.RETIRED and not is_compromised):
        raise Conflict(_("This key has ended."))
    key.state = State.COMPROMISED if is_compromised else State.RETIRED
    key.ended_by, key.ended_at, key.end_reason = by.label[:60], now, reason.strip()[:200]
    detail: dict[str, object] = {"compromised": is_compromised, "reason": key.end_reason}
    if is_compromised:
        key.private_key = None
        detail["destroyed"] = custody.destroy_in_token(key.token_label) if key.token_label else True
    key.save()
    _audit(key, "retire", by, now, **detail)
    return key


def _term(now: datetime, length: timedelta, sign_days: int | None = None) -> Term:
    start = now.replace(microsecond=0)
    signs = timedelta(days=sign_days) if sign_days is not None else length
    # RFC 5280 section 4.1.2.2: positive, at most 20 octets; 64 bits from a random source.
    return Term(start, start + length, secrets.randbits(120) | 1, start + signs if signs < length else None)


def _lock(label: str) -> SigningKey:
    key = SigningKey.objects.select_for_update().filter(label=label).first()
    if key is None:
        raise NotFound(_("There is no key of this name."))
    return key


def _audit(key: SigningKey, action: str, by: Actor, now: datetime, **detail: object) -> None:
    audit.record(
        by=by,
        action=f"certificate.key_{action}",
        subject=f"key:{key.label}",
        now=now,
        detail={"environment": key.environment, **detail},
    )
