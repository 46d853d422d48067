"""DIVOC credentials found in the wild: what WHO's validator reads from them, and that nothing here believes them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from openconsular.domain.health import divoc
from openconsular.domain.health.conformance import Disagreement, Suite, name_of, read_json
from openconsular.domain.health.conformance.beside import difference, texts
from openconsular.domain.health.trust.model import Environment, TrustStore
from openconsular.domain.health.verdict import CheckName, Outcome, State, Unreadable
from openconsular.domain.health.verify import NoRevocations, verify

NAME = "divoc"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(data: Path) -> Iterable[Suite]:
    """Every credential below `data`."""
    ran, wrong = 0, []
    for path, text in texts(data, divoc.looks_like):
        ran += 1
        found = _found(path, text)
        if found:
            wrong.append(Disagreement(name_of(data, path), "as unpacked, and not believed", found))
    if ran:
        yield Suite(NAME, ran, tuple(wrong))


def _found(path: Path, text: str) -> str:
    try:
        credential = divoc.read(text)
        certificate = credential.certificate
    except Unreadable as fault:
        return f"{fault.layer}: {fault.code}"
    unpacked = read_json(path.with_name(f"{path.stem.removesuffix('Contents')}Unpacked.json"))
    if unpacked is not None and unpacked != credential.claims:
        return "the claims differ"
    verdict = verify(text, trust=TrustStore(Environment.TEST), revocations=NoRevocations(), now=_NOW)
    signature = next(check for check in verdict.checks if check.name is CheckName.SIGNATURE)
    if verdict.state is State.VALID or signature.outcome is not Outcome.NOT_CHECKED:
        return f"{verdict.state}: {signature.outcome}"
    return difference(path, certificate)
