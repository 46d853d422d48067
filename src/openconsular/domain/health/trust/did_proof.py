"""The proof of a DID document: JsonWebSignature2020 over its statements (W3C CCG, Linked Data Proofs).

What is signed is not the text but the RDF statements it makes, in canonical order (RDF Dataset Canonicalization). The
documents of the WHO's network make few kinds of statements, about named things only, in two fixed contexts; so their
statements can be written down directly, without a general RDF library and without fetching a context. Whatever the
contexts of a document do not define is not a statement and NOT SIGNED: so are "domain", "participant" and "keyusage" in
lists of two contexts. Lists since the summer of 2026 have a third, the network's own, which makes statements of these
three ({"code": "#DSC"} is the name #DSC of the value set). Tried against documents of the live, acceptance and
development networks of 2025 and 2026 and their published signing keys.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.json_text import read_json, text_in
from openconsular.domain.health.trust.jwk import key_of_jwk

CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1")
# Where the network keeps its own context and, beside it, the value sets it names: published, and as built.
HOMES = ("https://smart.who.int/trust/", "https://worldhealthorganization.github.io/smart-trust/")
_OWN_CONTEXT = re.compile(r"(https://[a-z./-]{1,80}/)tng-context/v1(-DEV|-UAT|)\.jsonld\Z")
_VALUE_SETS = {
    "domain": "ValueSet-Domains",
    "participant": "ValueSet-Participants",
    "keyusage": "ValueSet-KeyUsage",
}
_CODE = re.compile(r"#[A-Za-z0-9_.-]{1,64}\Z")
_SECURITY = "https://w3id.org/security#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE = f"<{_RDF}type>"
_CREATED = "<http://purl.org/dc/terms/created>"
_DATE_TIME = "<http://www.w3.org/2001/XMLSchema#dateTime>"
# Absolute, and nothing in it that would need escaping or end the statement.
_IRI = re.compile(r"did:web:[!#-;=?-\[\]_a-z~%]{1,1000}\Z")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z\Z")
_NONCE = re.compile(r"[\x20!#-\[\]-~]{0,256}\Z")
_PROOF_NAMES = frozenset({"type", "created", "nonce", "domain", "proofPurpose", "verificationMethod", "jws"})
_RAW_BYTES = 64


@dataclass(frozen=True, slots=True)
class DidAnchor:
    """Who may sign: the DID under which a network publishes its signing key, and the key, as the operator configured it."""

    verification_method: str
    public_key: EllipticCurvePublicKey


def published_anchor(raw: bytes) -> DidAnchor:
    """The signing key in the DID document a network publishes for itself.

    Whoever takes it over must have compared it by another way: it vouches for everything that follows. Raises
    TrustRefused "list-unreadable", KeyRefused.
    """
    document = read_json(raw)
    methods = document.get("verificationMethod") if isinstance(document, dict) else None
    if not isinstance(methods, list) or len(methods) != 1 or not isinstance(methods[0], dict):
        raise TrustRefused("list-unreadable", "This is no DID document with one signing key.")
    key = key_of_jwk(methods[0].get("publicKeyJwk"))
    if not isinstance(key, EllipticCurvePublicKey):
        raise KeyRefused("key-type-not-allowed", "The key that signs the lists is no EC key.")
    return DidAnchor(text_in(methods[0], "id"), key)


def signed_at(document: Mapping[str, Any]) -> datetime:
    """When the document says it was signed. Raises TrustRefused "proof-malformed"."""
    created = _proof_of(document).get("created")
    if not isinstance(created, str) or not _INSTANT.match(created):
        raise _malformed("it has no time of signing")
    try:
        return datetime.fromisoformat(created.replace("Z", "+00:00")).astimezone(UTC)
    except ValueError as cause:
        raise _malformed("its time of signing is none") from cause


def verify_proof(document: Mapping[str, Any], anchor: DidAnchor) -> None:
    """Check that `anchor` signed the statements of `document`.

    Raises TrustRefused: "proof-malformed", "proof-other-signer", "proof-wrong", "proof-context" when the document
    makes statements in a vocabulary not known here.
    """
    proof = _proof_of(document)
    if proof.get("verificationMethod") != anchor.verification_method:
        raise TrustRefused(
            "proof-other-signer", f"The list is signed by {str(proof.get('verificationMethod'))[:200]}."
        )
    header, signature = _jws(proof)
    about_proof = header + b"." + _hashed(_proof_statements(proof))
    for vocabulary in vocabularies(document):
        message = about_proof + _hashed(document_statements(document, vocabulary))
        try:
            anchor.public_key.verify(signature, message, ec.ECDSA(SHA256()))
        except InvalidSignature:
            continue
        return
    raise TrustRefused("proof-wrong", "The signature of the list does not fit.")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Where the value sets of the network's own context lie: `home`, and the environment as their names end with it."""

    home: str
    suffix: str

    def set_of(self, name: str) -> str:
        return f"{self.home}{_VALUE_SETS[name]}{self.suffix}.jsonld"


def vocabularies(document: Mapping[str, Any]) -> tuple[Vocabulary | None, ...]:
    """What the contexts of a document may mean: None where they define none of the network's own words.

    The network's context lies at two addresses and named the value sets of either, as it went from one to the other in
    2026; which one a document was signed with, only its signature tells. Both are the network's. Raises TrustRefused
    "proof-context".
    """
    contexts = document.get("@context")
    if contexts == list(CONTEXTS):
        return (None,)
    own = contexts[-1] if isinstance(contexts, list) and contexts[:-1] == list(CONTEXTS) else ""
    found = _OWN_CONTEXT.match(own) if isinstance(own, str) else None
    if found is None or found[1] not in HOMES:
        raise TrustRefused("proof-context", "The list is written in a vocabulary that is not known here.")
    nearest_first = sorted(HOMES, key=lambda home: home != found[1])
    return tuple(Vocabulary(home, found[2]) for home in nearest_first)


def document_statements(document: Mapping[str, Any], vocabulary: Vocabulary | None = None) -> list[str]:
    """The N-Quads a DID document stands for, without its proof. Raises TrustRefused: "proof-context", "proof-malformed"."""
    if vocabulary not in vocabularies(document):
        raise TrustRefused("proof-context", "The list is written in a vocabulary that is not known here.")
    subject = _iri(document.get("id"))
    said = [_links(subject, "controller", document.get("controller"))] if "controller" in document else []
    methods = document.get("verificationMethod", [])
    if not isinstance(methods, list):
        raise _malformed("its keys are no list")
    for method in methods:
        said += _method_statements(subject, method, vocabulary)
    return said


def _method_statements(subject: str, method: object, vocabulary: Vocabulary | None) -> list[str]:
    if isinstance(method, str):
        return [_links(subject, "verificationMethod", method)]
    if not isinstance(method, dict) or method.get("type") != "JsonWebKey2020":
        raise _malformed("a key is no JsonWebKey2020")
    name = _iri(method.get("id"))
    said = [
        f"{subject} <{_SECURITY}verificationMethod> {name} .\n",
        f"{name} {_TYPE} <{_SECURITY}JsonWebKey2020> .\n",
    ]
    if "controller" in method:
        said.append(_links(name, "controller", method["controller"]))
    said.append(
        f'{name} <{_SECURITY}publicKeyJwk> "{_json_literal(method.get("publicKeyJwk"))}"^^<{_RDF}JSON> .\n'
    )
    if vocabulary is not None:
        said += [
            _named(name, vocabulary.set_of(word), method[word]) for word in _VALUE_SETS if word in method
        ]
    return said


def _named(subject: str, value_set: str, value: object) -> str:
    code = value.get("code") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(code, str) or not _CODE.match(code):
        raise _malformed("a key's domain, participant or usage is no code")
    return f"{subject} <{value_set}> <{value_set}{code}> .\n"


def _proof_statements(proof: Mapping[str, Any]) -> list[str]:
    """The proof has no name of its own: the one blank node, which canonicalization calls c14n0."""
    if proof.get("type") != "JsonWebSignature2020" or proof.get("proofPurpose") != "assertionMethod":
        raise _malformed("it is of another kind")
    if not proof.keys() <= _PROOF_NAMES:
        raise _malformed("it says more than is known here")
    created = str(proof.get("created"))
    if not _INSTANT.match(created):
        raise _malformed("it has no time of signing")
    said = [
        f'_:c14n0 {_CREATED} "{created}"^^{_DATE_TIME} .\n',
        f"_:c14n0 {_TYPE} <{_SECURITY}JsonWebSignature2020> .\n",
        f"_:c14n0 <{_SECURITY}proofPurpose> <{_SECURITY}assertionMethod> .\n",
        _links("_:c14n0", "verificationMethod", proof.get("verificationMethod")),
    ]
    for name in ("nonce", "domain"):
        if name in proof:
            value = proof[name]
            if not isinstance(value, str) or not _NONCE.match(value):
                raise _malformed(f"its {name} is no plain text")
            said.append(f'_:c14n0 <{_SECURITY}{name}> "{value}" .\n')
    return said


def _jws(proof: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Protected header as signed, and the signature in DER.

    RFC 7515 wants r‖s; the WHO's signer writes DER. Both are taken.
    """
    header, _, rest = str(proof.get("jws", ""))[:1000].partition("..")
    try:
        said = json.loads(_unpadded(header))
        signature = _unpadded(rest)
    except (ValueError, binascii.Error, RecursionError) as cause:
        raise _malformed("its signature cannot be read") from cause
    if said != {"alg": "ES256", "b64": False, "crit": ["b64"]}:
        raise _malformed("it is not signed with ES256 over detached content")
    if len(signature) == _RAW_BYTES:
        signature = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    return header.encode("ascii"), signature


def _json_literal(value: object) -> str:
    """A JWK as canonical JSON (RFC 8785), escaped as N-Quads ask. Texts and lists of texts only, which JWKs are."""
    if not isinstance(value, dict) or not all(_is_plain(part) for part in value.values()):
        raise _malformed("a key is no JWK")
    text = rfc8785.dumps(value).decode()
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _is_plain(value: object) -> bool:
    parts = value if isinstance(value, list) else [value]
    return all(isinstance(part, str) and part.isascii() and part.isprintable() for part in parts)


def _hashed(statements: Iterable[str]) -> bytes:
    """SHA-256 of the statements in order of their code points, each once."""
    return hashlib.sha256("".join(sorted(set(statements))).encode()).digest()


def _links(subject: str, name: str, target: object) -> str:
    return f"{subject} <{_SECURITY}{name}> {_iri(target)} .\n"


def _iri(value: object) -> str:
    if not isinstance(value, str) or not _IRI.match(value):
        raise _malformed(f"“{str(value)[:80]}” is no did:web name")
    return f"<{value}>"


def _proof_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise TrustRefused("proof-missing", "The list is not signed.")
    return proof


def _unpadded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _malformed(why: str) -> TrustRefused:
    return TrustRefused("proof-malformed", f"The proof of the list cannot be checked: {why}.")
