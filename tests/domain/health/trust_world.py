"""Throw-away authorities, signers and lists for the tests of trust. Nothing here is anybody's real key."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from asn1crypto import core, parser
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID, ObjectIdentifier

from openconsular.domain.health.trust.did_proof import CONTEXTS, DidAnchor
from openconsular.domain.health.trust.draft import Draft, Listed, Origin
from openconsular.domain.health.trust.model import Environment, Family, Proof, TrustList

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
SECURITY = "https://w3id.org/security#"
SIGNER_DID = "did:web:lists.example:signing"
VALUE_SETS = {
    "domain": "ValueSet-Domains",
    "participant": "ValueSet-Participants",
    "keyusage": "ValueSet-KeyUsage",
}
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass
class Held:
    """A certificate with its private key."""

    key: PrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_id(self) -> str:
        return hashlib.sha256(self.der).digest()[:8].hex()

    @property
    def kid64(self) -> str:
        return base64.b64encode(bytes.fromhex(self.key_id)).decode()

    @property
    def text(self) -> str:
        return base64.b64encode(self.der).decode()

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def jwk(self, *above: "Held", **more: Any) -> dict[str, Any]:
        numbers = self.key.public_key().public_numbers()
        found = {"kty": "EC", "crv": "P-256", "x": number64(numbers.x), "y": number64(numbers.y)}
        return {**found, "kid": self.kid64, "x5c": [self.text, *(one.text for one in above)], **more}


def make(
    name: str,
    *,
    by: Held | None = None,
    country: str = "PT",
    authority: bool = False,
    key: PrivateKey | None = None,
    start: datetime = NOW - YEAR,
    end: datetime = NOW + YEAR,
    purposes: tuple[str, ...] | None = None,
    extra: tuple[x509.ExtensionType, ...] = (),
    path_length: int | None = 0,
    digest: HashAlgorithm | None = None,
    identifiers: bool = True,
    usage: bool = True,
) -> Held:
    """A certificate for `name`, self-signed without `by`."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, country), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    issuer_key = by.key if by else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
    if authority:
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=path_length), critical=True
        )
    if usage:
        builder = builder.add_extension(key_usage(signs_certificates=authority), critical=True)
    if identifiers:
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    if purposes is not None:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ObjectIdentifier(one) for one in purposes]), critical=False
        )
    for extension in extra:
        builder = builder.add_extension(extension, critical=False)
    return Held(key, builder.sign(issuer_key, digest or SHA256()))


def key_usage(*, signs_certificates: bool, signs: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs and not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not signs and not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def listed(
    *held: Held,
    list_id: str = "national",
    environment: Environment = Environment.LIVE,
    as_of: datetime = NOW,
    country: str = "PT",
    family: Family = Family.HCERT,
    authorities: tuple[Held, ...] = (),
    proof: Proof = Proof.CONFIRMED,
    domain: str = "",
) -> TrustList:
    draft = Draft(Origin(list_id, environment, as_of), family)
    for one in authorities:
        draft.add_authority(one.der, Listed(entry="authority", country=country))
    for one in held:
        draft.add_certificate(one.der, Listed(entry=one.key_id, country=country, domain=domain))
    return draft.finish(proof)


def number64(number: int, octets: int = 32) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(octets)).decode().rstrip("=")


def did_anchor(key: ec.EllipticCurvePrivateKey) -> DidAnchor:
    return DidAnchor(SIGNER_DID, key.public_key())


def did_method(path: str, jwk: dict[str, Any], **more: Any) -> dict[str, Any]:
    did = f"did:web:lists.example:v2:trustlist{path}"
    return {
        "id": f"{did}#{jwk.get('kid', '')}",
        "type": "JsonWebKey2020",
        "controller": did,
        "publicKeyJwk": jwk,
        **more,
    }


def did_document(
    methods: list[Any],
    key: ec.EllipticCurvePrivateKey,
    *,
    did: str = "did:web:lists.example:v2:trustlist",
    created: str = "2026-03-01T00:00:00Z",
    raw_signature: bool = False,
    context: str = "",
    value_sets: str = "",
) -> dict[str, Any]:
    """A signed document; of three contexts where `context` is given, with its value sets at `value_sets` ({} in it). The statements are written here a second time, by hand, not with the code under test."""
    proof = {
        "type": "JsonWebSignature2020",
        "created": created,
        "nonce": "n0nce",
        "proofPurpose": "assertionMethod",
        "verificationMethod": SIGNER_DID,
    }
    contexts = [*CONTEXTS, context] if context else list(CONTEXTS)
    document = {"@context": contexts, "id": did, "controller": did, "verificationMethod": methods}
    a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    about_proof = [
        f'_:c14n0 <http://purl.org/dc/terms/created> "{created}"^^<http://www.w3.org/2001/XMLSchema#dateTime> .',
        f"_:c14n0 {a} <{SECURITY}JsonWebSignature2020> .",
        f'_:c14n0 <{SECURITY}nonce> "n0nce" .',
        f"_:c14n0 <{SECURITY}proofPurpose> <{SECURITY}assertionMethod> .",
        f"_:c14n0 <{SECURITY}verificationMethod> <{SIGNER_DID}> .",
    ]
    about = {f"<{did}> <{SECURITY}controller> <{did}> ."}
    for method in methods:
        name = method if isinstance(method, str) else method["id"]
        about.add(f"<{did}> <{SECURITY}verificationMethod> <{name}> .")
        if isinstance(method, dict):
            jwk = rfc8785.dumps(method["publicKeyJwk"]).decode().replace("\\", "\\\\").replace('"', '\\"')
            about.add(f"<{name}> {a} <{SECURITY}JsonWebKey2020> .")
            about.add(f"<{name}> <{SECURITY}controller> <{method['controller']}> .")
            about.add(
                f'<{name}> <{SECURITY}publicKeyJwk> "{jwk}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON> .'
            )
            for word, named in VALUE_SETS.items():
                if context and word in method:
                    iri = value_sets.format(named)
                    about.add(f"<{name}> <{iri}> <{iri}{method[word]['code']}> .")
    hashed = [
        hashlib.sha256("".join(line + "\n" for line in sorted(lines)).encode()).digest()
        for lines in (about_proof, about)
    ]
    header = base64.urlsafe_b64encode(b'{"b64":false,"crit":["b64"],"alg":"ES256"}').rstrip(b"=")
    signature = key.sign(header + b"." + b"".join(hashed), ec.ECDSA(SHA256()))
    if raw_signature:
        signature = raw_of(signature)
    jws = header + b".." + base64.urlsafe_b64encode(signature).rstrip(b"=")
    return {**document, "proof": {**proof, "jws": jws.decode()}}


def did_bytes(*arguments: Any, **more: Any) -> bytes:
    return json.dumps(did_document(*arguments, **more)).encode()


def raw_of(signature: bytes) -> bytes:
    r, s = decode_dss_signature(signature)
    return r.to_bytes(32) + s.to_bytes(32)


def cms_of(content: bytes, by: Held, *, detached: bool = True) -> bytes:
    options = [pkcs7.PKCS7Options.Binary]
    if detached:
        options.append(pkcs7.PKCS7Options.DetachedSignature)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(by.certificate, by.key, SHA256())
    return builder.sign(Encoding.DER, options)


def gateway_entry(held: Held, kind: str, by: Held, country: str = "PT", **more: Any) -> dict[str, Any]:
    return {
        "kid": held.kid64,
        "country": country,
        "certificateType": kind,
        "thumbprint": hashlib.sha256(held.der).hexdigest(),
        "signature": base64.b64encode(cms_of(held.der, by)).decode(),
        "rawData": held.text,
        **more,
    }


def with_trailing_algorithm_data(held: Held) -> bytes:
    """The certificate with a needless NULL after the parameters of both algorithm identifiers, and its signature."""
    body, _, _ = children(held.der)
    parts = children(body)
    parts[2] = sequence(*children(parts[2]), b"\x05\x00", b"\x05\x00")
    tbs = sequence(*parts)
    signature = held.key.sign(tbs, ec.ECDSA(SHA256()))
    return sequence(tbs, parts[2], core.OctetBitString(signature).dump())


def children(der: bytes) -> list[bytes]:
    content, found = parser.parse(der)[4], []
    while content:
        length = parser.peek(content)
        found.append(content[:length])
        content = content[length:]
    return found


def with_extension_twice(held: Held) -> bytes:
    """The certificate with its first extension once more at the end, and its signature."""
    body, algorithm, _ = children(held.der)
    parts = children(body)
    extensions = children(parser.parse(parts[-1])[4])
    twice = sequence(*extensions, extensions[0])
    parts[-1] = b"\xa3" + sequence(twice)[1:]
    tbs = sequence(*parts)
    signature = held.key.sign(tbs, ec.ECDSA(SHA256()))
    return sequence(tbs, algorithm, core.OctetBitString(signature).dump())


def sequence(*parts: bytes) -> bytes:
    body = b"".join(parts)
    length = bytes((len(body),)) if len(body) < 128 else b"\x82" + len(body).to_bytes(2)
    return b"\x30" + length + body
