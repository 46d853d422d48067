"""`certificates trust` and `certificates client`: lists of others, and who may ask by machine."""

from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management.base import CommandError

from openconsular.domain.health.trust.bundle import pack
from openconsular.domain.health.trust.did_proof import published_anchor
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.foundation.csv_download import csv_text
from openconsular.health_certificates.actions import access
from openconsular.health_certificates.actions import trust as actions
from openconsular.health_certificates.management.steps.asking import Say, Steps, actor_of, add_by
from openconsular.health_certificates.models import ApiClient, TrustSource
from openconsular.health_certificates.queries import clients
from openconsular.health_certificates.queries.lists import opened_list, refused
from openconsular.health_certificates.queries.trust import lists


def add_parsers(steps: Steps) -> None:
    parser = steps.add_parser(
        "trust", help="lists of keys: list, add, import, fetch, refused, enable, disable"
    )
    of_lists = parser.add_subparsers(dest="trust_step", required=True)
    of_lists.add_parser("list", help="print every list with its age")
    add = of_lists.add_parser("add", help="name a list")
    add.add_argument("name")
    add.add_argument("--kind", required=True, choices=TrustSource.Kind.values)
    add.add_argument("--url", default="", help="the one https address it is fetched from")
    add.add_argument("--issuer", default="", help="URL of a SMART issuer, or id of a revocation list")
    add.add_argument(
        "--public-key",
        type=Path,
        help="file of the key or certificate that signs the list: PEM, or the DID document of its publisher",
    )
    add.add_argument(
        "--publisher-name", default="", help="name in the certificate that signs, below an authority's"
    )
    add.add_argument(
        "--host", action="append", default=[], help="another host that references may lead to (host:port)"
    )
    add.add_argument(
        "--also",
        action="append",
        default=[],
        help="address of a file that belongs to it, such as its signature",
    )
    add.add_argument("--verification-method", default="", help="the DID of that key, for a DID list")
    add.add_argument("--gateway", default="", help="the gateway's anchor certificate, base64 of its DER")
    add.add_argument("--stale-after-hours", type=int, default=48)
    take = of_lists.add_parser("import", help="take an edition of a list from a file")
    take.add_argument("name")
    take.add_argument("file", type=Path, nargs="+", help="several where the list comes in parts")
    take.add_argument(
        "--goes-back", action="store_true", help="its publisher went back to this edition, which was replaced"
    )
    take.add_argument("--confirmed", default="", help="SHA-256 of the file as its publisher told it")
    left_out = of_lists.add_parser("refused", help="print the entries that were not taken, and why")
    left_out.add_argument("name")
    left_out.add_argument("--find", default="", help="those with this in their name or reason")
    left_out.add_argument("--csv", action="store_true", help="as a table for a spreadsheet")
    for name in ("fetch", "enable", "disable"):
        of_lists.add_parser(name).add_argument("name")
    of_clients = steps.add_parser("client", help="who may verify by machine: list, add, end").add_subparsers(
        dest="client_step", required=True
    )
    of_clients.add_parser("list")
    client = of_clients.add_parser("add", help="let somebody ask, and print their key once")
    client.add_argument("name")
    client.add_argument("--scope", action="append", required=True, choices=ApiClient.Scope.values)
    client.add_argument("--codes-a-minute", type=int, default=60_000)
    of_clients.add_parser("end").add_argument("id", type=int)
    for one in (*of_lists.choices.values(), *of_clients.choices.values()):
        add_by(one)


def run(options: dict[str, Any], say: Say, now: datetime) -> int:
    step, by = options["trust_step"], actor_of(options["by"])
    if step == "list":
        return _list(say, now)
    name = options["name"]
    if step == "refused":
        return _refused(name, options, say, now)
    if step == "add":
        anchors = {
            **_signer(options),
            "publisher_name": options["publisher_name"],
            "gateway": options["gateway"],
            "hosts": options["host"],
            "also": options["also"],
        }
        actions.add_source(
            name=name,
            kind=options["kind"],
            url=options["url"],
            issuer=options["issuer"],
            anchors={key: value for key, value in anchors.items() if value},
            stale_after_hours=options["stale_after_hours"],
            by=by,
            now=now,
        )
        say(f"{name} is known.")
    elif step in ("enable", "disable"):
        actions.switch_source(name=name, is_enabled=step == "enable", by=by, now=now)
        say(f"{name}: {step}d.")
    else:
        if step == "import":
            edition = actions.import_list(
                name=name,
                content=pack([file.read_bytes() for file in options["file"]]),
                confirmed=options["confirmed"],
                goes_back=options["goes_back"],
                by=by,
                now=now,
            )
        else:
            edition = actions.fetch_list(name=name, by=by, now=now)
        say(f"{name}: {edition.key_count} entries of {edition.as_of:%Y-%m-%d %H:%M} UTC, {edition.proof}.")
        if edition.problem_count:
            say(f"{edition.problem_count} not taken: certificates trust refused {name}")
    return 0


def _signer(options: dict[str, Any]) -> dict[str, str]:
    """The publisher's key in PEM and its DID; a network publishes both in a DID document of its own."""
    method = options["verification_method"]
    content = options["public_key"].read_bytes() if options["public_key"] else b""
    if not content.lstrip().startswith(b"{"):
        return {"public_key": content.decode("ascii", "replace"), "verification_method": method}
    try:
        anchor = published_anchor(content)
    except (TrustRefused, KeyRefused) as fault:
        raise CommandError(fault.message) from fault
    pem = anchor.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
    return {"public_key": pem, "verification_method": method or anchor.verification_method}


def _refused(name: str, options: dict[str, Any], say: Say, now: datetime) -> int:
    found = refused(opened_list(name, now=now).content, options["find"])
    if options["csv"]:
        say(csv_text(("entry", "code", "details"), ((one.entry, one.code, one.message) for one in found)))
    else:
        for one in found:
            say(f"{one.entry}: {one.code} {one.message}".rstrip())
    return 0


def _list(say: Say, now: datetime) -> int:
    """1 when a list in use is stale, for whoever watches by machine."""
    found = lists(now=now)
    for one in found:
        age = f"{one.age.total_seconds() / 3600:.1f} h old" if one.age is not None else "never taken"
        said = (("STALE", one.is_stale), ("OVERDUE", one.is_overdue), ("off", not one.is_enabled))
        marks = [mark for mark, holds in said if holds]
        fault = f" last trouble: {one.fault}" if one.fault else ""
        refused_too = f", {one.problems} refused" if one.problems else ""
        say(
            f"{one.name}: {one.kind} {age}, {one.keys} entries{refused_too}, {one.proof or '-'} {' '.join(marks)}{fault}".rstrip()
        )
    return int(any(one.is_stale and one.is_enabled for one in found))


def run_clients(options: dict[str, Any], say: Say, now: datetime) -> int:
    step, by = options["client_step"], actor_of(options["by"])
    if step == "add":
        made = access.add_client(
            name=options["name"],
            scopes=options["scope"],
            codes_a_minute=options["codes_a_minute"],
            by=by,
            now=now,
        )
        say(f"{made.client.pk} {made.client.name}: the key is shown this once")
        say(made.key)
    elif step == "end":
        access.end_client(client_id=options["id"], by=by, now=now)
        say("ended.")
    else:
        for one in clients.clients(by=by):
            state = "ended" if one.ended_at else "may ask"
            say(f"{one.pk} {one.name}: {state}, {','.join(one.scopes)}, {one.codes_a_minute} codes a minute")
    return 0
