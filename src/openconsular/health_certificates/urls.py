"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from openconsular.health_certificates.api import lists, verify
from openconsular.health_certificates.views import (
    approvals,
    batches,
    certificate,
    checking,
    claim,
    issuing,
    keys,
    recording,
    register,
    revocations,
    verifier,
    wallet,
)
from openconsular.health_certificates.views import lists as list_pages
from openconsular.health_certificates.views import rules as rule_pages

API = "api/certificates/"
DESK = "console/certificates/"
ONE = f"{DESK}<uuid:record_id>/"
BATCH = f"{DESK}batches/<uuid:batch_id>/"
REVOCATION = f"{DESK}revocations/<uuid:revocation_id>/"
KEY = f"{DESK}keys/<slug:label>/"
LIST = f"{DESK}lists/<slug:name>/"
RULES = f"{DESK}rules/lists/<slug:name>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(DESK, register.record_list, name="certificates"),
    path(f"{DESK}export.csv", register.export, name="certificates-export"),
    path(f"{DESK}search/", register.search, name="certificate-search"),
    path(f"{DESK}new/", recording.choose, name="certificate-new"),
    path(f"{DESK}new/<slug:certificate_format>/<slug:kind>/", recording.write, name="certificate-write"),
    path(f"{DESK}approvals/", approvals.approvals, name="certificate-approvals"),
    path(f"{DESK}approvals/chosen/", approvals.approve_chosen, name="certificate-approve-chosen"),
    path(f"{DESK}check/", checking.check, name="certificate-check"),
    path(f"{DESK}batches/", batches.batch_list, name="certificate-batches"),
    path(f"{DESK}batches/rows.csv", batches.template, name="certificate-batch-template"),
    path(BATCH, batches.batch, name="certificate-batch"),
    path(f"{BATCH}again/", batches.resend, name="certificate-batch-resend"),
    path(f"{BATCH}approve/", batches.approve, name="certificate-batch-approve"),
    path(f"{BATCH}refuse/", batches.refuse, name="certificate-batch-refuse"),
    path(f"{BATCH}withdraw/", batches.withdraw, name="certificate-batch-withdraw"),
    path(f"{BATCH}stop/", batches.stop, name="certificate-batch-stop"),
    path(f"{BATCH}go-on/", batches.go_on, name="certificate-batch-go-on"),
    path(f"{BATCH}revoke/", revocations.revoke_batch, name="certificate-batch-revoke"),
    path(f"{BATCH}refused.csv", batches.refused_rows, name="certificate-batch-refused"),
    path(f"{BATCH}mend.csv", batches.rows_to_mend, name="certificate-batch-mend"),
    path(f"{BATCH}certificates.csv", batches.certificates, name="certificate-batch-certificates"),
    path(f"{DESK}revocations/", revocations.revocation_list, name="certificate-revocations"),
    path(f"{REVOCATION}confirm/", revocations.confirm, name="certificate-revocation-confirm"),
    path(f"{REVOCATION}withdraw/", revocations.withdraw, name="certificate-revocation-withdraw"),
    path(f"{DESK}issuing/", issuing.issuing, name="certificate-issuing"),
    path(f"{DESK}issuing/stop/", issuing.stop, name="certificate-issuing-stop"),
    path(f"{DESK}issuing/resume/", issuing.resume, name="certificate-issuing-resume"),
    path(f"{DESK}issuing/alarms/<int:alarm_id>/", issuing.settle, name="certificate-alarm-settle"),
    path(f"{DESK}keys/", keys.key_list, name="certificate-keys"),
    path(f"{DESK}keys/make/", keys.make, name="certificate-key-make"),
    path(KEY, keys.key, name="certificate-key"),
    path(f"{KEY}request.pem", keys.request_file, name="certificate-key-request"),
    path(f"{KEY}certificate.pem", keys.certificate_file, name="certificate-key-certificate"),
    path(f"{KEY}install/", keys.install, name="certificate-key-install"),
    path(f"{KEY}certify/", keys.certify, name="certificate-key-certify"),
    path(f"{KEY}activate/", keys.activate, name="certificate-key-activate"),
    path(f"{KEY}retire/", keys.retire, name="certificate-key-retire"),
    path(f"{DESK}rules/", rule_pages.rule_list, name="certificate-rules"),
    path(f"{DESK}rules/add/", rule_pages.add, name="certificate-rule-list-add"),
    path(f"{DESK}rules/<int:rule_id>/", rule_pages.rule, name="certificate-rule"),
    path(RULES, rule_pages.one_list, name="certificate-rule-list"),
    path(f"{RULES}import/", rule_pages.take_file, name="certificate-rule-list-import"),
    path(f"{RULES}fetch/", rule_pages.fetch, name="certificate-rule-list-fetch"),
    path(f"{RULES}switch/", rule_pages.switch, name="certificate-rule-list-switch"),
    path(f"{DESK}lists/", list_pages.list_list, name="certificate-lists"),
    path(f"{DESK}lists/add/", list_pages.add, name="certificate-list-add"),
    path(LIST, list_pages.one_list, name="certificate-list"),
    path(f"{LIST}import/", list_pages.take_file, name="certificate-list-import"),
    path(f"{LIST}fetch/", list_pages.fetch, name="certificate-list-fetch"),
    path(f"{LIST}switch/", list_pages.switch, name="certificate-list-switch"),
    path(ONE, certificate.certificate, name="certificate"),
    path(f"{ONE}code.svg", certificate.code, name="certificate-code"),
    path(f"{ONE}paper/<slug:kind>/", certificate.paper, name="certificate-paper"),
    path(f"{ONE}approve/", certificate.approve, name="certificate-approve"),
    path(f"{ONE}refuse/", certificate.refuse, name="certificate-refuse"),
    path(f"{ONE}revoke/", certificate.revoke, name="certificate-revoke"),
    path(f"{ONE}deliver/", certificate.deliver, name="certificate-deliver"),
    path(f"{ONE}mail/", certificate.mail, name="certificate-mail"),
    path(f"{API}openapi.json", lists.openapi, name="certificates-openapi"),
    path(f"{API}verify", verify.verify_codes, name="certificates-verify"),
    path(f"{API}trust-list", lists.trust_list, name="certificates-trust-list"),
    path(f"{API}own-keys", lists.own_keys, name="certificates-own-keys"),
    path(f"{API}revocations", lists.revocations, name="certificates-revocations"),
    path(
        f"{API}revocations/slices/<str:digest>", lists.revocation_slice, name="certificates-revocation-slice"
    ),
    path(
        f"{API}revocations/near/<str:list_id>/<str:key>/<str:head>",
        lists.revocations_near,
        name="certificates-revocations-near",
    ),
    path(f"{API}revocations/<str:writing>", lists.revocations, name="certificates-revocations-written"),
    # For whoever is shown a certificate, with and without a network.
    path("verify/", verifier.page, name="verifier"),
    path("verify/lists.ocv", verifier.lists, name="verifier-lists"),
    path("verify/lists/head", verifier.head, name="verifier-head"),
    path("verify/lists/<str:name>", verifier.bundle, name="verifier-bundle"),
    path("verify/sw.js", verifier.worker, name="verifier-worker"),
    path("verify/manifest.webmanifest", verifier.manifest, name="verifier-manifest"),
    # A holder's own: with an account, or with a code and the day of birth.
    path("me/certificates/", wallet.wallet, name="wallet"),
    path("certificates/claim/", claim.claim, name="certificate-claim"),
    path("certificates/get/<str:token>/", claim.link, name="certificate-claim-link"),
    path("certificates/finish/", claim.finish, name="certificate-claim-finish"),
    path("certificates/device/", wallet.device, name="wallet-device"),
    path("certificates/states/", wallet.states, name="wallet-states"),
    path("certificates/<uuid:record_id>/", wallet.certificate, name="wallet-certificate"),
    path("certificates/<uuid:record_id>/show/", wallet.show, name="wallet-show"),
    path("certificates/<uuid:record_id>/little/", wallet.little, name="wallet-little"),
    path("certificates/<uuid:record_id>/paper/<str:kind>/", wallet.paper, name="wallet-paper"),
    path("certificates/<uuid:record_id>/keep/", wallet.keep, name="wallet-keep"),
    path("certificates/<uuid:record_id>/give/", wallet.give, name="wallet-give"),
    # Where issuers of SMART Health Cards publish (SMART Health Cards, "Determining keys associated with an issuer").
    path(".well-known/jwks.json", lists.jwks, name="certificates-jwks"),
    path(".well-known/crl/<str:key_id>.json", lists.card_revocations, name="certificates-card-revocations"),
]
