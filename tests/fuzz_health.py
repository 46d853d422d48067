"""Throws changed certificates at the whole reader and verifier, and watches that nothing but verdicts comes back.

    python -m tests.fuzz_health --inputs 1000000 [--seed 1] [--pictures 2000] [--documents 100]

Samples of every format are changed at every layer: their letters, the bytes under the letters, and the claims, sealed
again with a right signature so that they reach the readers behind it. A run fails at the first exception, at an input
that takes longer than two seconds of processor time, when memory grows beyond the cap, or when a changed text whose
seal was not made again is called valid although it says something else.
"""

import argparse
import base64
import contextlib
import io
import json
import random
import resource
import signal
import sys
import time
import traceback
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from PIL import Image

from openconsular.domain.health import formats
from openconsular.domain.health.carriers import codes, handed_over, pictures
from openconsular.domain.health.certificate import Algorithm, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.conformance.keys import store_of
from openconsular.domain.health.hcert import base45, cose
from openconsular.domain.health.hcert import issue as hcert
from openconsular.domain.health.smart import numeric
from openconsular.domain.health.smart.issue import claims_of, sealed
from openconsular.domain.health.verdict import State, Unreadable, Verdict
from openconsular.domain.health.verify import NoRevocations, verify
from tests.domain.health import test_attacks_formats as attacks
from tests.domain.health import test_smart as cards
from tests.domain.health.test_divoc import CREDENTIAL, archive, as_code
from tests.fuzz_changes import changed_bytes, changed_json, changed_text

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SECONDS_MOST = 2.0
# Drawing documents happens in a process of its own with its own limits (domain/health/carriers/pages.py).
DOCUMENT_SECONDS_MOST = 8.0
MEGABYTES_MOST = 400
STUCK_AFTER = 30

Change = Callable[[random.Random], str]


@dataclass
class Seen:
    """What a run found. `slowest` is in seconds of processor time, with what was slow."""

    states: Counter[str] = field(default_factory=Counter)
    layers: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    inputs: int = 0
    pictures: int = 0
    documents: int = 0
    is_stopped: bool = False

    def stop(self, *_: object) -> None:
        """On an interrupt: what was found so far is told."""
        self.is_stopped = True

    def note(self, verdict: Verdict, seconds: float, kind: str) -> None:
        self.inputs += 1
        self.states[verdict.state.value] += 1
        if verdict.layer is not None:
            self.layers[verdict.layer.value] += 1
        self.slowest = max(self.slowest, (seconds, kind))


class Fault(Exception):
    """What must not happen, with the input it happened to."""


def entry() -> Entry:
    return Entry(
        kind=Kind.VACCINATION,
        identifier="URN:UVCI:01:CN:0123456789ABCDEF#0",
        disease=Coded("840539006"),
        vaccine=Coded("1119349007"),
        product=Coded("EU/1/20/1528"),
        maker=Coded("ORG-100030215"),
        dose=2,
        doses=2,
        happened_on="2026-02-18",
        country="CN",
        issuer="A ministry",
    )


def dcc() -> str:
    holder = Holder(family_name="Ocampo", given_name="Ana", born_on="1980-05-17")
    return hcert.issue(
        hcert.Payload(Format.EU_DCC, holder, entry()),
        sign=cards.sign,
        algorithm=Algorithm.ES256,
        key_id=KEY_ID,
        issuer="CN",
        issued_at=NOW.replace(month=3),
        expires_at=NOW.replace(year=2027),
    )


SIGNERS = store_of(attacks.SIGNER)
KEY_ID = bytes.fromhex(SIGNERS.keys[0].key_ids[0])
STORE = attacks.STORE
for _listed in SIGNERS.lists.values():
    STORE = type(STORE)(STORE.environment, {**STORE.lists, _listed.list_id: _listed})
DCC = dcc()
DCC_TOKEN = zlib.decompress(base45.decode(DCC.removeprefix("HC1:")))
PLAIN = {
    "hcert": DCC,
    "smart": attacks.CARD,
    "smart code": numeric.codes(attacks.CARD)[0],
    "vds-nc": attacks.SEAL,
    "divoc": as_code(archive(("certificate.json", json.dumps(CREDENTIAL).encode()))),
    "divoc json": json.dumps(CREDENTIAL),
}
MESSAGES = {
    kind: formats.read(text).seal.message for kind, text in PLAIN.items() if not kind.startswith("divoc")
}


def close_hcert(token: bytes) -> str:
    return "HC1:" + base45.encode(zlib.compress(token))


def resigned_hcert(chance: random.Random) -> str:
    protected = cose.protected_header(Algorithm.ES256, KEY_ID)
    body = changed_bytes(cose.read(DCC_TOKEN).payload, chance)
    return close_hcert(cose.write(protected, body, cards.sign(cose.to_be_signed(protected, body))))


def resigned_smart(chance: random.Random) -> str:
    claims = changed_json(claims_of(cards.CARD), chance)
    payload = json.dumps(claims).encode()
    payload = changed_bytes(payload, chance) if chance.random() < 0.2 else payload
    return sealed(payload, key_id=attacks.JWK["kid"], sign=cards.sign)


def resigned_seal(chance: random.Random) -> str:
    data = changed_json(json.loads(attacks.SEAL)["data"], chance)
    try:
        return attacks.seal(data if isinstance(data, dict) else None)
    except ValueError:
        return json.dumps({"data": data, "sig": json.loads(attacks.SEAL)["sig"]})


def repacked_divoc(chance: random.Random) -> str:
    content = json.dumps(changed_json(CREDENTIAL, chance)).encode()
    return as_code(
        changed_bytes(archive(("c.json", content)), chance)
        if chance.random() < 0.5
        else archive(("c.json", content))
    )


# How often each way of changing is taken; making a signature costs as much as checking one.
WAYS: list[tuple[str, int, Change]] = [
    *(
        (kind, 6, lambda chance, kind=kind: changed_text(PLAIN[kind], list(PLAIN.values()), chance))
        for kind in PLAIN
    ),
    ("hcert token", 8, lambda chance: close_hcert(changed_bytes(DCC_TOKEN, chance))),
    (
        "hcert packed",
        4,
        lambda chance: "HC1:" + base45.encode(changed_bytes(base45.decode(DCC.removeprefix("HC1:")), chance)),
    ),
    ("hcert sealed again", 6, resigned_hcert),
    ("smart sealed again", 8, resigned_smart),
    ("vds-nc sealed again", 5, resigned_seal),
    ("divoc packed again", 4, repacked_divoc),
]


PASTED_EACH = 10
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")
AROUND: tuple[Callable[[str, int], str], ...] = (
    lambda text, width: "\n".join(text[at : at + width] for at in range(0, len(text), width)),
    lambda text, width: f"{' ' * width}“{text}” \n\n",
    lambda text, width: quote(text, safe=""),
    lambda text, width: f"https://verify.example/?{urlencode({'qr': text})}",
    lambda text, width: json.dumps([text] * (width % 4)),
    lambda text, width: f"[{text}, {text[:width]}]",
    lambda text, width: text.lower(),
    lambda text, width: f"{text}\r\n{text[:width]}\r\n{text}",
)


def look(text: str, kind: str, seen: Seen) -> None:
    """Verifies one text and everything a page would show of it."""
    began = time.process_time()
    verdict = verify(text, trust=STORE, revocations=NoRevocations(), now=NOW)
    if not isinstance(verdict, Verdict) or len(verdict.checks) == 0:
        raise Fault("no verdict")
    certificate = verdict.certificate
    if certificate is not None:
        json.dumps(certificate.claims, default=str).encode()
    seconds = time.process_time() - began
    seen.note(verdict, seconds, kind)
    if seconds > SECONDS_MOST:
        raise Fault(f"took {seconds:.1f} s")
    if verdict.state is State.VALID:
        if certificate is None:
            raise Fault("valid without a certificate")
        if not kind.endswith("again") and formats.read(text).seal.message not in MESSAGES.values():
            raise Fault("called valid although it says something else")


def texts(inputs: int, chance: random.Random, seen: Seen) -> None:
    kinds = [way for way in WAYS for _ in range(way[1])]
    for number in range(inputs):
        if seen.is_stopped:
            return
        kind, _, change = chance.choice(kinds)
        text = change(chance)
        with guarded(kind, text.encode("utf-8", "surrogatepass")):
            look(text, kind, seen)
        if number % PASTED_EACH == 0:
            pasted(text, kind, chance, seen)
        if number % 1000 == 0:
            check_memory()


def pasted(text: str, kind: str, chance: random.Random, seen: Seen) -> None:
    """A file of the same text as people make one: broken into lines, quoted, encoded, listed."""
    around = chance.choice(AROUND)
    written = text.encode(errors="replace").decode()
    data = around(written, chance.randrange(1, 100)).encode(chance.choice(ENCODINGS))
    with guarded(f"{kind} pasted", data):
        try:
            found = handed_over.texts_in(data)
        except Unreadable:
            return
        for one in found:
            look(one, kind, seen)


def files(number: int, chance: random.Random, seen: Seen, *, documents: bool) -> None:
    """Changed pictures, or changed PDFs, through the reader of pictures and on through the verifier."""
    samples = list(documents_of() if documents else pictures_of())
    most = DOCUMENT_SECONDS_MOST if documents else SECONDS_MOST
    for _ in range(number):
        if seen.is_stopped:
            return
        seen.documents += documents
        seen.pictures += not documents
        kind, sample = chance.choice(samples)
        data = changed_bytes(sample, chance)
        with guarded(kind, data):
            began = time.process_time()
            try:
                found = pictures.codes_in(data)
            except Unreadable as fault:
                found = ()
                seen.inputs += 1
                seen.states[f"{kind}: {fault.code}"] += 1
            seconds = time.process_time() - began
            seen.slowest = max(seen.slowest, (seconds, kind))
            if seconds > most:
                raise Fault(f"took {seconds:.1f} s")
            for text in found:
                look(text, kind, seen)
        check_memory()


def pictures_of() -> Iterator[tuple[str, bytes]]:
    image = Image.open(io.BytesIO(codes.qr_png(DCC, scale=4))).convert("RGB")
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP"):
        out = io.BytesIO()
        image.save(out, kind)
        yield kind, out.getvalue()


def documents_of() -> Iterator[tuple[str, bytes]]:
    image = Image.open(io.BytesIO(codes.qr_png(DCC, scale=4))).convert("RGB")
    for kind in ("PDF", "TIFF"):
        out = io.BytesIO()
        image.save(out, kind)
        yield kind, out.getvalue()


@contextlib.contextmanager
def guarded(kind: str, data: bytes) -> Iterator[None]:
    """Whatever goes wrong is told with the input, so that it can be made a test."""
    signal.alarm(STUCK_AFTER)
    try:
        yield
    except Exception as error:
        print(f"{kind}: {base64.b64encode(data).decode()}", file=sys.stderr)
        traceback.print_exception(error)
        raise SystemExit(1) from error
    finally:
        signal.alarm(0)


def stuck(*_: object) -> None:
    raise Fault(f"still not done after {STUCK_AFTER} s")


START = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def grown() -> float:
    """Megabytes beyond what the program had before the first input."""
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - START) / 1024


def check_memory() -> None:
    if grown() > MEGABYTES_MOST:
        print(f"memory grew by {grown():.0f} MB", file=sys.stderr)
        raise SystemExit(1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=20_000, help="texts")
    parser.add_argument("--pictures", type=int, default=None, help="pictures (one for each 500 texts)")
    parser.add_argument(
        "--documents", type=int, default=None, help="PDFs and TIFFs (one for each 5,000 texts)"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, stuck)
    warnings.simplefilter("ignore")
    seen, chance, began = Seen(), random.Random(options.seed), time.monotonic()
    signal.signal(signal.SIGINT, seen.stop)
    signal.signal(signal.SIGTERM, seen.stop)
    pictures_most = options.inputs // 500 if options.pictures is None else options.pictures
    documents_most = options.inputs // 5000 if options.documents is None else options.documents
    files(documents_most, chance, seen, documents=True)
    files(pictures_most, chance, seen, documents=False)
    texts(options.inputs, chance, seen)
    print(
        json.dumps(
            {
                "inputs": seen.inputs,
                "pictures": seen.pictures,
                "documents": seen.documents,
                "seed": options.seed,
                "seconds": round(time.monotonic() - began, 1),
                "slowest_seconds": round(seen.slowest[0], 4),
                "slowest": seen.slowest[1],
                "memory_grew_megabytes": round(grown(), 1),
                "states": dict(seen.states.most_common()),
                "layers": dict(seen.layers.most_common()),
            },
            indent=1,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
