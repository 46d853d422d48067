"""Made-up certificates and the keys that sign them, the same in every run of the benchmarks but for the keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health.certificate import Algorithm, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert.issue import Issuance, Payload, issue_many
from openconsular.domain.health.records.standard_names import standard_name
from openconsular.domain.health.signing.keys import Sign, signing_with
from openconsular.domain.health.trust.model import (
    ALL_KINDS,
    Environment,
    Family,
    TrustedKey,
    TrustList,
    TrustStore,
)

KEYS = 16
FAMILY_NAMES = (
    "Vandersteen",
    "Gößinger",
    "Li",
    "Okonkwo",
    "Müller-Lüdenscheidt",
    "Ó Súilleabháin",
    "Nguyen",
    "Rossi",
)
GIVEN_NAMES = ("Gabriele", "Ming", "Adaeze", "Jean-Luc", "Siobhán", "Thi Hoa", "Luca", "Ana María")


@dataclass(frozen=True)
class Signer:
    """A throw-away key, its name, and how it signs."""

    key_id: bytes
    private_key: ec.EllipticCurvePrivateKey
    algorithm: Algorithm
    sign: Sign

    @property
    def private_pem(self) -> bytes:
        return self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@dataclass(frozen=True)
class World:
    """Everything the benchmarks work on. `texts` are the codes of `payloads`, signed by the signers in turn."""

    now: datetime
    signers: tuple[Signer, ...]
    trust: TrustStore
    payloads: tuple[Payload, ...]
    texts: tuple[str, ...]


def signer(number: int) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    algorithm, sign = signing_with(key)
    return Signer(number.to_bytes(8, "big"), key, algorithm, sign)


def vaccinations(count: int) -> tuple[Payload, ...]:
    """Doses of a vaccine, of persons who do not exist; their codes are as long as those in use (about 600 signs).

    Their names stand in both forms, as in every record that waits for its signature.
    """
    return tuple(
        Payload(
            Format.EU_DCC,
            Holder(
                family_name=FAMILY_NAMES[number % 8],
                given_name=GIVEN_NAMES[number // 8 % 8],
                standard_family_name=standard_name(FAMILY_NAMES[number % 8]),
                standard_given_name=standard_name(GIVEN_NAMES[number // 8 % 8]),
                born_on=f"{1940 + number % 70}-{1 + number % 12:02}-{1 + number % 28:02}",
            ),
            Entry(
                Kind.VACCINATION,
                identifier=f"URN:UVCI:01:AT:10807843F94AEE0EE5093FBC{number:08X}#B",
                disease=Coded("840539006"),
                vaccine=Coded("1119349007"),
                product=Coded("EU/1/20/1528"),
                maker=Coded("ORG-100030215"),
                dose=1 + number % 3,
                doses=2,
                happened_on=f"2026-0{1 + number % 5}-{1 + number % 28:02}",
                country="AT",
                issuer="Ministry of Health, Republic of Nowhere",
            ),
        )
        for number in range(count)
    )


def trust_in(signers: Sequence[Signer], now: datetime) -> TrustStore:
    keys = tuple(
        TrustedKey(
            public_key=one.private_key.public_key(),
            key_ids=(one.key_id.hex(),),
            family=Family.HCERT,
            country="AT",
            issuer="",
            algorithms=frozenset({one.algorithm}),
            formats=frozenset({Format.EU_DCC}),
            kinds=ALL_KINDS,
            environment=Environment.LIVE,
            list_id="bench",
            as_of=now,
            not_before=now - timedelta(days=400),
            not_after=now + timedelta(days=400),
        )
        for one in signers
    )
    held = TrustList("bench", Environment.LIVE, 1, now, "", keys)
    return TrustStore(Environment.LIVE, {"bench": held})


def issuance(by: Signer, now: datetime) -> Issuance:
    return Issuance(
        by.sign, by.algorithm, by.key_id, "AT", now - timedelta(days=1), now + timedelta(days=365)
    )


def write(payload: Payload, by: Signer, now: datetime) -> str:
    return issue_many((payload,), issuance(by, now))[0]


def world(count: int) -> World:
    now = datetime.now(UTC).replace(microsecond=0)
    signers = tuple(signer(number) for number in range(1, KEYS + 1))
    payloads = vaccinations(count)
    texts = tuple(write(payload, signers[number % KEYS], now) for number, payload in enumerate(payloads))
    return World(now, signers, trust_in(signers, now), payloads, texts)
