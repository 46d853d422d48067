"""`certificates keys`: signing keys from the request to their end."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.gateways.trust_uploads.folder import FolderUploads
from openconsular.gateways.trust_uploads.http import HttpUploads
from openconsular.health_certificates.actions import keys as actions
from openconsular.health_certificates.actions import uploading
from openconsular.health_certificates.actions.signer_revocations import sign_signer_revocations
from openconsular.health_certificates.demonstration import make_test_keys
from openconsular.health_certificates.management.steps.asking import Say, Steps, actor_of, add_by
from openconsular.health_certificates.queries import keys as queries


def add_parsers(steps: Steps) -> None:
    parser = steps.add_parser(
        "keys", help="signing keys: list, new, install, certify, activate, upload, crl, retire"
    )
    of_keys = parser.add_subparsers(dest="key_step", required=True)
    of_keys.add_parser("list", help="print every key")
    of_keys.add_parser("demo", help="make an authority, a signer and a key for lists, for tests")
    make = of_keys.add_parser("new", help="make a key and print the request for its certificate")
    make.add_argument("label")
    make.add_argument("--purpose", required=True, choices=[one.value for one in Purpose])
    make.add_argument("--kind", action="append", default=[], choices=[one.value for one in Kind])
    make.add_argument("--token", action="store_true", help="make it inside the PKCS#11 token")
    make.add_argument("--most", type=int, help="the most certificates it may sign")
    install = of_keys.add_parser("install", help="give a key the certificate made for its request")
    install.add_argument("label")
    install.add_argument("file", type=Path)
    install.add_argument("--sign-days", type=int, help="end its signing after so many days")
    certify = of_keys.add_parser("certify", help="let an authority of ours certify a key, or itself")
    certify.add_argument("label")
    certify.add_argument(
        "--authority", default="", help="label of the authority; none for an authority itself"
    )
    certify.add_argument("--days", type=int, default=730)
    certify.add_argument("--sign-days", type=int, default=180)
    certify.add_argument("--crl", default="", help="address of the authority's revocation list, named in it")
    of_keys.add_parser("activate", help="let a key sign").add_argument("label")
    show = of_keys.add_parser("show", help="print the request and the certificate")
    show.add_argument("label")
    show.add_argument("--certificate", action="store_true", help="the certificate alone, in PEM")
    crl = of_keys.add_parser("crl", help="print which signers an authority takes back, as a list it signs")
    crl.add_argument("label")
    crl.add_argument("--days", type=int, default=30, help="until the next one")
    upload = of_keys.add_parser(
        "upload", help="sign a signer's certificate for the network, and send it there"
    )
    upload.add_argument("label")
    upload.add_argument("--remove", action="store_true", help="take it off the network's list")
    upload.add_argument("--domain", default="", help="trust domain of the network, such as DCC or ICVP")
    where = upload.add_mutually_exclusive_group()
    where.add_argument("--folder", type=Path, help="write the message as a file there")
    where.add_argument("--to", default="", help="https address of the network's gateway")
    upload.add_argument("--server-authority", type=Path, help="PEM of who signed the gateway's certificate")
    retire = of_keys.add_parser("retire", help="end a key for good")
    retire.add_argument("label")
    retire.add_argument("--reason", required=True)
    retire.add_argument(
        "--compromised", action="store_true", help="destroy it; its certificates lose all trust"
    )
    for one in of_keys.choices.values():
        add_by(one)


def run(options: dict[str, Any], say: Say, now: datetime) -> int:
    step, by, label = options["key_step"], actor_of(options["by"]), options.get("label", "")
    common: dict[str, Any] = {"label": label, "by": by, "now": now}
    if step == "list":
        for key in queries.keys(by=by):
            kid = bytes(key.kid).hex() if key.kid else "-"
            until = f"{key.signs_until:%Y-%m-%d}" if key.signs_until else "-"
            where = "token" if key.token_label else "sealed"
            kinds = ",".join(key.kinds) or "all"
            say(
                f"{key.label}: {key.environment} {key.purpose} {key.state} kid={kid} kinds={kinds} {where}"
                f" signs until {until}, signed {key.signed_count}"
            )
    elif step == "demo":
        for key in make_test_keys(by=by, now=now):
            say(f"{key.label} is in use.")
    elif step == "new":
        limits = [Kind(one) for one in options["kind"]]
        purpose = Purpose(options["purpose"])
        made = actions.make_key(
            purpose=purpose,
            kinds=limits,
            in_token=options["token"],
            most_certificates=options["most"],
            **common,
        )
        say(made.request_pem.strip())
    elif step == "show":
        say(queries.texts_of(label=label, certificate_alone=options["certificate"], by=by))
    elif step == "crl":
        say(sign_signer_revocations(days=options["days"], **common).strip())
    elif step == "upload":
        _upload(options, common, say)
    else:
        _change(step, options, common, say)
    return 0


def _change(step: str, options: dict[str, Any], common: dict[str, Any], say: Say) -> None:
    if step == "install":
        content = options["file"].read_bytes()
        actions.install_certificate(certificate=content, sign_days=options["sign_days"], **common)
    elif step == "certify" and not options["authority"]:
        actions.certify_self(**common)
    elif step == "certify":
        days = {"days": options["days"], "sign_days": options["sign_days"]}
        actions.certify_with(authority=options["authority"], crl_address=options["crl"], **days, **common)
    elif step == "activate":
        actions.activate_key(**common)
    else:
        actions.retire_key(reason=options["reason"], is_compromised=options["compromised"], **common)
    say(f"{common['label']}: {step} done.")


def _upload(options: dict[str, Any], common: dict[str, Any], say: Say) -> None:
    """Print the message, unless there is a folder or a gateway it goes to."""
    domain = options["domain"].upper()
    if not options["folder"] and not options["to"]:
        say(uploading.sign_upload(domain=domain, **common).message.text)
        return
    target = FolderUploads(options["folder"]) if options["folder"] else _gateway(options, common)
    try:
        outcome = uploading.send_upload(removes=options["remove"], domain=domain, to=target, **common)
    finally:
        target.close()
    say(f"{common['label']}: {outcome}.")


def _gateway(options: dict[str, Any], common: dict[str, Any]) -> HttpUploads:
    client = uploading.client_key(environment=settings.CERTIFICATES, by=common["by"], now=common["now"])
    pinned = options["server_authority"].read_text("ascii") if options["server_authority"] else ""
    return HttpUploads(options["to"], client, server_authority=pinned)
