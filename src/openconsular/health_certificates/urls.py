"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from openconsular.health_certificates.api import lists, verify

API = "api/certificates/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{API}openapi.json", lists.openapi, name="certificates-openapi"),
    path(f"{API}verify", verify.verify_codes, name="certificates-verify"),
    path(f"{API}trust-list", lists.trust_list, name="certificates-trust-list"),
    path(f"{API}own-keys", lists.own_keys, name="certificates-own-keys"),
    path(f"{API}revocations", lists.revocations, name="certificates-revocations"),
    path(
        f"{API}revocations/slices/<str:digest>", lists.revocation_slice, name="certificates-revocation-slice"
    ),
    # Where issuers of SMART Health Cards publish (SMART Health Cards, "Determining keys associated with an issuer").
    path(".well-known/jwks.json", lists.jwks, name="certificates-jwks"),
    path(".well-known/crl/<str:key_id>.json", lists.card_revocations, name="certificates-card-revocations"),
]
