"""Visible digital seals of ICAO found in the wild: their signatures, and what WHO's validator reads from them.

A seal brings its signer's certificate along. Whether to believe that signer is not tried here (nobody publishes the
authorities with the vectors): each is put into a list of its own, and then the whole verification must say valid.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from openconsular.domain.health import vds_nc
from openconsular.domain.health.conformance import Disagreement, Suite, name_of
from openconsular.domain.health.conformance.beside import difference, texts
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.model import Environment, TrustStore
from openconsular.domain.health.trust.vds_signers import read_vds_signers
from openconsular.domain.health.verdict import State, Unreadable
from openconsular.domain.health.verify import NoRevocations, verify

NAME = "vds-nc"
_NOBODY = "unknown-issuer"


def run(data: Path) -> Iterable[Suite]:
    """Every seal below `data`, looked at on the day after its last dose or test."""
    ran, wrong = 0, []
    for path, text in texts(data, vds_nc.looks_like):
        ran += 1
        found = _found(path, text)
        if found:
            wrong.append(Disagreement(name_of(data, path), "valid, as unpacked", found))
    if ran:
        yield Suite(NAME, ran, tuple(wrong))


def _found(path: Path, text: str) -> str:
    """What is not as it should be, "" where nothing is."""
    try:
        seal = vds_nc.read(text)
        certificate = seal.certificate
        store = _store(seal.seal.certificate or b"")
    except Unreadable as fault:
        return f"{fault.layer}: {fault.code}"
    except TrustRefused as refused:
        return refused.code
    last = max(entry.happened_on for entry in certificate.entries)[:10]
    now = datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=1)
    # A dose may be older than the key that signed it: the seal does not say when it was made.
    now = max([now, *(key.not_before for key in store.keys if key.not_before is not None)])
    verdict = verify(text, trust=store, revocations=NoRevocations(), now=now)
    if verdict.state is not State.VALID:
        return f"{verdict.state}: {verdict.reason}"
    stranger = verify(text, trust=TrustStore(Environment.TEST), revocations=NoRevocations(), now=now)
    if stranger.state.value != _NOBODY:
        return f"{stranger.state} where nobody is trusted"
    return difference(path, certificate)


def _store(certificate: bytes) -> TrustStore:
    found = read_vds_signers(
        certificate,
        list_id="vector",
        environment=Environment.TEST,
        fetched_at=datetime(2021, 1, 1, tzinfo=UTC),
        confirmed=hashlib.sha256(certificate).hexdigest(),
    )
    return TrustStore(Environment.TEST).with_list(found)
