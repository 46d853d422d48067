"""What each address answers to each kind of person. A new address needs a line in TABLE; see `test_url_matrix`.

A line is a policy, and where needed the method (default GET), the data to post, and arguments of the address that
the world does not hold under their own name.
"""

from dataclasses import dataclass, field
from typing import Any

ANONYMOUS, CITIZEN, STRANGER = "anonymous", "citizen", "citizen_elsewhere"
DUTY, APPROVER, MISSION, ELSEWHERE, AUDITOR, ADMIN, HEALTH, CLINIC = (
    "duty_officer",
    "approver",
    "mission_officer",
    "mission_officer_elsewhere",
    "auditor",
    "administrator",
    "health_officer",
    "clinic",
)
STAFF = (DUTY, APPROVER, MISSION, ELSEWHERE, AUDITOR, ADMIN, HEALTH, CLINIC)
NOT_STAFF = (ANONYMOUS, CITIZEN, STRANGER)
EVERYONE = (*NOT_STAFF, *STAFF)

# What an answer can be. `open`: the page does its work, which may end in a form error or in a redirect within it.
OPEN, TO_SIGN_IN, TO_START, TO_CONFIRM = "open", "to sign-in", "to start", "to confirm"
FORBIDDEN, NOT_THERE = "403", "404"

Policy = dict[str, str]


def staff_only(*allowed: str, hidden_from: tuple[str, ...] = ()) -> Policy:
    """Open to the roles named, 403 to other staff, sign-in for everybody else; 404 for whom the object is hidden."""
    policy = dict.fromkeys(NOT_STAFF, TO_SIGN_IN)
    policy |= {role: OPEN if role in allowed else FORBIDDEN for role in STAFF}
    return policy | dict.fromkeys(hidden_from, NOT_THERE)


# A citizen's own pages; staff are nobody there. What belongs to one citizen does not exist for another.
CITIZENS = dict.fromkeys((ANONYMOUS, *STAFF), TO_SIGN_IN) | {CITIZEN: OPEN, STRANGER: OPEN}
OWN_CITIZEN = CITIZENS | {STRANGER: NOT_THERE}
# The second page of signing in, without the first.
NO_CODE_SENT = dict.fromkeys(EVERYONE, TO_SIGN_IN)
PUBLIC: Policy = dict.fromkeys(EVERYONE, OPEN)
ANY_STAFF = staff_only(*STAFF)
CENTRE = staff_only(DUTY, APPROVER)
SEES_INCIDENTS = staff_only(DUTY, APPROVER, MISSION, ELSEWHERE, AUDITOR)
# An incident, a person in it or a case that concerns one mission does not exist for another one.
OWN_INCIDENT = staff_only(DUTY, APPROVER, MISSION, AUDITOR, hidden_from=(ELSEWHERE,))
OWN_PEOPLE = staff_only(DUTY, APPROVER, MISSION, hidden_from=(ELSEWHERE,))
WORKS_CASES = staff_only(DUTY, APPROVER, MISSION, ELSEWHERE)
OWN_CASE = staff_only(DUTY, APPROVER, MISSION, hidden_from=(ELSEWHERE,))
SORTERS = staff_only(DUTY, APPROVER, ADMIN)
# A health record belongs to a mission: to its officers, to the clinic that wrote it down, to the health officers.
SEES_HEALTH = staff_only(MISSION, ELSEWHERE, HEALTH, CLINIC)
OWN_HEALTH = staff_only(MISSION, HEALTH, CLINIC, hidden_from=(ELSEWHERE,))
APPROVES_HEALTH = staff_only(MISSION, ELSEWHERE, HEALTH)
OWN_APPROVAL = staff_only(MISSION, HEALTH, hidden_from=(ELSEWHERE,))
STOPS_ISSUING = staff_only(DUTY, APPROVER, HEALTH)
KEEPS_KEYS = staff_only(ADMIN)
KEEPS_RULES = staff_only(ADMIN, HEALTH)
SEES_LISTS = staff_only(MISSION, ELSEWHERE, HEALTH, CLINIC, ADMIN)
ADMINISTRATORS = staff_only(ADMIN)
AUDITORS = staff_only(AUDITOR)
# allauth's pages for a sign-in that is under way: with none, everybody is sent to where they belong.
NOT_UNDER_WAY = dict.fromkeys(NOT_STAFF, TO_SIGN_IN) | dict.fromkeys(STAFF, TO_START)
NOBODY = dict.fromkeys(EVERYONE, NOT_THERE)
OF_ONE_S_OWN = dict.fromkeys(NOT_STAFF, TO_SIGN_IN) | dict.fromkeys(STAFF, NOT_THERE)
# Changing a key asks who it is first; whose key it is, is looked at after that.
ASKS_AGAIN = dict.fromkeys(NOT_STAFF, TO_SIGN_IN) | dict.fromkeys(STAFF, TO_CONFIRM)


@dataclass(frozen=True)
class Row:
    policy: Policy
    method: str = "GET"
    data: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)


def post(policy: Policy, **data: Any) -> Row:
    return Row(policy, "POST", data)


TABLE: dict[str, Row] = {
    # --- for machines and browsers
    "healthz": Row(PUBLIC),
    "metrics": Row(PUBLIC),
    "service-worker": Row(PUBLIC),
    "manifest": Row(PUBLIC),
    "offline": Row(PUBLIC),
    "worldview": Row(PUBLIC),
    "set_language": post(PUBLIC, language="en"),
    "style-guide": Row(dict.fromkeys(NOT_STAFF, NOT_THERE) | dict.fromkeys(STAFF, OPEN)),
    # --- staff sign in
    "staff-start": Row(dict.fromkeys(NOT_STAFF, TO_SIGN_IN) | dict.fromkeys(STAFF, TO_START)),
    "account_login": Row(dict.fromkeys(NOT_STAFF, OPEN) | dict.fromkeys(STAFF, TO_START)),
    "account_logout": Row(dict.fromkeys(NOT_STAFF, TO_SIGN_IN) | dict.fromkeys(STAFF, OPEN)),
    "account_inactive": Row(PUBLIC),
    "account_reauthenticate": Row(ANY_STAFF),
    "account_change_password": Row(ANY_STAFF),
    "account_set_password": Row(ANY_STAFF),
    "staff-welcome": Row(NOBODY, arguments={"token": "invented"}),
    "mfa_index": Row(ANY_STAFF),
    "mfa_authenticate": Row(NOT_UNDER_WAY),
    "mfa_reauthenticate": Row(ASKS_AGAIN),
    "mfa_activate_totp": Row(ASKS_AGAIN),
    "mfa_deactivate_totp": Row(OF_ONE_S_OWN),
    "mfa_view_recovery_codes": Row(OF_ONE_S_OWN),
    "mfa_generate_recovery_codes": Row(ASKS_AGAIN),
    "mfa_download_recovery_codes": Row(OF_ONE_S_OWN),
    "mfa_list_webauthn": Row(ANY_STAFF),
    "mfa_add_webauthn": Row(ASKS_AGAIN),
    "mfa_reauthenticate_webauthn": Row(ASKS_AGAIN),
    "mfa_remove_webauthn": Row(ASKS_AGAIN, arguments={"pk": 1}),
    "mfa_edit_webauthn": Row(ASKS_AGAIN, arguments={"pk": 1}),
    "mfa_login_webauthn": Row(dict.fromkeys(NOT_STAFF, TO_SIGN_IN) | dict.fromkeys(STAFF, TO_START)),
    # --- administrator and auditor
    "staff": Row(ADMINISTRATORS),
    "staff-add": post(ADMINISTRATORS, username="new", display_name="New", role="auditor"),
    "staff-officer": Row(ADMINISTRATORS),
    "staff-role": post(ADMINISTRATORS, role="auditor"),
    "staff-deactivate": post(ADMINISTRATORS),
    "staff-reactivate": post(ADMINISTRATORS),
    "staff-reset": post(ADMINISTRATORS),
    "audit": Row(AUDITORS),
    "audit-verify": post(AUDITORS),
    "audit-export": Row(AUDITORS),
    # --- hazards: what authorities say in public, so every mission sees all of them
    "hazards": Row(SEES_INCIDENTS),
    "hazard": Row(SEES_INCIDENTS),
    "hazard-area": Row(SEES_INCIDENTS),
    "hazard-end": post(CENTRE, note="x"),
    "quarantine": Row(SORTERS),
    "quarantine-retry": post(SORTERS),
    "quarantined": Row(SORTERS),
    "quarantined-retry": post(SORTERS),
    "quarantined-dismiss": post(SORTERS),
    "quarantined-reopen": post(SORTERS),
    "sources": Row(staff_only(DUTY, APPROVER, MISSION, ELSEWHERE, AUDITOR, ADMIN)),
    "source-add": Row(ADMINISTRATORS),
    "source-switch": post(ADMINISTRATORS),
    # --- cases
    "cases": Row(WORKS_CASES),
    "cases-export": Row(CENTRE),
    "case": Row(OWN_CASE),
    "case-take": post(OWN_CASE),
    "case-hand-over": post(OWN_CASE, to="0"),
    "case-note": post(OWN_CASE, text="x"),
    "case-state": post(OWN_CASE, state="waiting"),
    "case-urgency": post(OWN_CASE, urgency="1"),
    "case-mission": post(staff_only(DUTY, APPROVER, hidden_from=(MISSION, ELSEWHERE))),
    "case-close": post(OWN_CASE, reason="x"),
    "case-reopen": post(OWN_CASE),
    "case-undo": post(OWN_CASE),
    # --- health certificates
    "certificates": Row(staff_only(DUTY, APPROVER, MISSION, ELSEWHERE, HEALTH, CLINIC, ADMIN)),
    "certificates-export": Row(SEES_HEALTH),
    "certificate-search": Row(SEES_HEALTH),
    "certificate-new": Row(SEES_HEALTH),
    "certificate-write": Row(SEES_HEALTH, arguments={"certificate_format": "icvp", "kind": "vaccination"}),
    "certificate-approvals": Row(APPROVES_HEALTH),
    "certificate-approve-chosen": post(APPROVES_HEALTH),
    "certificate-check": Row(staff_only(DUTY, APPROVER, MISSION, ELSEWHERE, HEALTH, CLINIC)),
    "certificate": Row(OWN_HEALTH),
    "certificate-code": Row(OWN_HEALTH),
    "certificate-paper": Row(OWN_HEALTH, arguments={"kind": "card"}),
    "certificate-approve": post(OWN_APPROVAL),
    "certificate-refuse": post(OWN_HEALTH, reason="x"),
    "certificate-revoke": post(OWN_APPROVAL, reason="error"),
    "certificate-deliver": post(OWN_HEALTH),
    "certificate-mail": post(OWN_HEALTH, address="a@example.org", language="en", agreed="on"),
    "certificate-batches": Row(SEES_HEALTH),
    "certificate-batch-template": Row(SEES_HEALTH),
    "certificate-batch": Row(OWN_HEALTH),
    "certificate-batch-resend": post(OWN_HEALTH),
    "certificate-batch-approve": post(OWN_APPROVAL, typed="0"),
    "certificate-batch-refuse": post(OWN_APPROVAL, reason="x"),
    "certificate-batch-withdraw": post(staff_only(CLINIC, hidden_from=(MISSION, ELSEWHERE, HEALTH))),
    "certificate-batch-stop": post(OWN_APPROVAL),
    "certificate-batch-go-on": post(OWN_APPROVAL),
    "certificate-batch-revoke": post(OWN_APPROVAL, reason="error"),
    "certificate-batch-refused": Row(OWN_HEALTH),
    "certificate-batch-mend": Row(OWN_HEALTH),
    "certificate-batch-certificates": Row(OWN_HEALTH),
    "certificate-revocations": Row(APPROVES_HEALTH),
    "certificate-revocation-confirm": post(OWN_APPROVAL, typed="1"),
    "certificate-revocation-withdraw": post(OWN_APPROVAL),
    "certificate-issuing": Row(STOPS_ISSUING),
    "certificate-issuing-stop": post(STOPS_ISSUING, reason="x"),
    "certificate-issuing-resume": post(STOPS_ISSUING),
    "certificate-alarm-settle": post(STOPS_ISSUING, note="x", allow="1"),
    "certificate-keys": Row(KEEPS_KEYS),
    "certificate-key-make": Row(KEEPS_KEYS),
    "certificate-key": Row(KEEPS_KEYS),
    "certificate-key-request": Row(KEEPS_KEYS),
    "certificate-key-certificate": Row(KEEPS_KEYS),
    "certificate-key-install": post(KEEPS_KEYS),
    "certificate-key-certify": post(KEEPS_KEYS),
    "certificate-key-activate": post(KEEPS_KEYS),
    "certificate-key-retire": post(KEEPS_KEYS),
    "certificate-lists": Row(SEES_LISTS),
    "certificate-list-add": Row(KEEPS_KEYS),
    "certificate-list": Row(SEES_LISTS),
    "certificate-list-import": post(KEEPS_KEYS),
    "certificate-list-fetch": post(KEEPS_KEYS),
    "certificate-list-switch": post(KEEPS_KEYS, enabled="1"),
    "certificate-rules": Row(SEES_LISTS),
    "certificate-rule": Row(SEES_LISTS),
    "certificate-rule-list": Row(SEES_LISTS),
    "certificate-rule-list-add": Row(KEEPS_RULES),
    "certificate-rule-list-import": post(KEEPS_RULES),
    "certificate-rule-list-fetch": post(KEEPS_RULES),
    "certificate-rule-list-switch": post(KEEPS_RULES, enabled="1"),
    # --- incidents and warnings
    "console": Row(SEES_INCIDENTS),
    "approvals": Row(SEES_INCIDENTS),
    "replies": Row(CENTRE),
    "reply-settle": Row(CENTRE, "POST", arguments={"reply_id": 1}),
    "sending-stop": post(CENTRE, reason="x"),
    "sending-resume": post(CENTRE),
    "incident-of-hazard": Row(OWN_INCIDENT),
    "incident": Row(OWN_INCIDENT),
    "incident-stream": Row(OWN_INCIDENT),
    "incident-parts": Row(OWN_INCIDENT),
    "incident-area": Row(OWN_INCIDENT),
    "incident-cells": Row(OWN_INCIDENT),
    "incident-propose": post(CENTRE, kind="reminder"),
    "incident-close": post(CENTRE),
    "incident-people": Row(OWN_PEOPLE),
    "incident-people-export": Row(CENTRE),
    "incident-person": Row(OWN_PEOPLE),
    "incident-person-answer": post(OWN_PEOPLE, value="safe"),
    "incident-person-undo": post(OWN_PEOPLE),
    "warning": Row(OWN_INCIDENT),
    "warning-area": Row(OWN_INCIDENT),
    "warning-save": post(CENTRE),
    "warning-check": post(CENTRE),
    "warning-recount": post(CENTRE),
    "warning-send": post(CENTRE),
    "warning-approve": post(staff_only(APPROVER)),
    "warning-send-back": post(CENTRE, reason="x"),
    "warning-discard": post(CENTRE),
    "warning-restore": post(CENTRE),
    "warning-stop": post(CENTRE),
    # --- citizens
    "home": Row(PUBLIC),
    "sign-in": Row(PUBLIC),
    "sign-in-code": Row(NO_CODE_SENT),
    "sign-in-choose": Row(NO_CODE_SENT),
    "sign-out": post(PUBLIC),
    "register": Row(PUBLIC),
    "register-person": Row(PUBLIC),
    "register-place": Row(CITIZENS),
    "crisis": Row(PUBLIC),
    "privacy": Row(PUBLIC),
    "places": Row(PUBLIC),
    "deleted": Row(PUBLIC),
    "me": Row(CITIZENS),
    "me-where": Row(CITIZENS),
    "trips": Row(CITIZENS),
    "trips-print": Row(CITIZENS),
    "trip-add": Row(CITIZENS),
    "trip-undo": post(CITIZENS),
    "trip-add-leg": Row(OWN_CITIZEN),
    "trip-end": post(OWN_CITIZEN),
    "trip-remove": post(OWN_CITIZEN),
    "stay-change": Row(OWN_CITIZEN),
    "residence": Row(CITIZENS),
    "residence-end": post(CITIZENS),
    "me-people": Row(CITIZENS),
    "companion-add": Row(CITIZENS),
    "person-change": Row(OWN_CITIZEN),
    "companion-remove": Row(OWN_CITIZEN),
    "me-contacts": Row(CITIZENS),
    "me-contact-code": Row(CITIZENS),
    "contact-remove": post(OWN_CITIZEN),
    "me-trusted": Row(CITIZENS),
    "me-consent": Row(CITIZENS),
    "me-data": Row(CITIZENS),
    "me-export": Row(CITIZENS),
    "me-delete": Row(CITIZENS),
    "my-cases": Row(CITIZENS),
    "me-help": post(CITIZENS),
    "people": Row(WORKS_CASES),
    "person": Row(OWN_PEOPLE),
    # --- a holder's certificates: their own and their family's, or what a code and a day of birth have opened
    "wallet": Row(CITIZENS),
    "wallet-certificate": Row(OWN_CITIZEN),
    "wallet-show": Row(OWN_CITIZEN),
    "wallet-little": Row(OWN_CITIZEN),
    "wallet-paper": Row(OWN_CITIZEN, arguments={"kind": "card"}),
    "wallet-keep": post(OWN_CITIZEN),
    "wallet-give": post(OWN_CITIZEN, whose="0"),
    "verifier": Row(PUBLIC),
    "verifier-lists": Row(PUBLIC),
    "verifier-head": Row(PUBLIC),
    "verifier-bundle": Row(NOBODY, arguments={"name": "0" * 64}),
    "verifier-worker": Row(PUBLIC),
    "verifier-manifest": Row(PUBLIC),
    "wallet-device": Row(PUBLIC),
    "wallet-states": post(PUBLIC),
    "certificate-claim": Row(PUBLIC),
    "certificate-claim-link": Row(NOBODY, arguments={"token": "invented"}),
    "certificate-claim-finish": post(PUBLIC),
    # --- certificates by machine: a key of their own, or lists that are for everybody (which nobody has signed here)
    "certificates-openapi": Row(PUBLIC),
    "certificates-verify": post(PUBLIC),
    "certificates-trust-list": Row(NOBODY),
    "certificates-own-keys": Row(NOBODY),
    "certificates-revocations": Row(NOBODY),
    "certificates-revocation-slice": Row(NOBODY, arguments={"digest": "0" * 64}),
    "certificates-revocations-written": Row(NOBODY, arguments={"writing": "short"}),
    "certificates-revocations-near": Row(
        NOBODY, arguments={"list_id": "none", "key": "none", "head": "0000"}
    ),
    "certificates-jwks": Row(PUBLIC),
    "certificates-card-revocations": Row(NOBODY, arguments={"key_id": "none"}),
    # --- answers
    "answer": Row(PUBLIC),
    "answer-undo": post(PUBLIC),
    "answer-stray": Row(NOBODY),
}
