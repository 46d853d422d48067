"""The browser's verifier and the server's come to the same verdict, vector by vector, for the same reason."""

import base64
import contextlib
import json
import shutil
import subprocess
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openconsular.domain.health.conformance.keys import trusted
from openconsular.domain.health.hcert.fields import instant
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.smart.read import read_pieces
from openconsular.domain.health.trust.countries import _CODES, _OTHER_NAMES, is_for_tests, same_country
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.model import Environment, TrustList, TrustStore
from openconsular.domain.health.verdict import Unreadable, Verdict
from openconsular.domain.health.verifier_pack import trust_document
from openconsular.domain.health.verifier_revocations import carried, shortened
from openconsular.domain.health.verify import Policy, verify, verify_presented
from tests.health_certificates.verifier_claims import NOW, Vector
from tests.health_certificates.verifier_world import World, make_world

RUNNER = Path(__file__).with_name("verifier_runner.mjs")
NODE = shutil.which("node")
SHARED = Path(__file__).parents[2] / "../shared/data/health"
pytestmark = pytest.mark.skipif(NODE is None, reason="there is no Node here to run the browser's code")


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def told(verdict: Verdict) -> list[Any]:
    checks = [
        [one.name, one.outcome, one.reason, one.as_of and one.as_of.timestamp()] for one in verdict.checks
    ]
    found = verdict.certificate
    holder = found and [
        found.holder.full_name,
        found.holder.born_on,
        [[one.kind, one.happened_on, one.valid_from, one.valid_until] for one in found.entries],
    ]
    return [verdict.state, verdict.reason, verdict.layer or "", checks, holder]


def here(world: World, vector: Vector, policy: Policy) -> list[Any]:
    options = {"trust": world.trust, "revocations": world.revocations, "now": vector.now, "policy": policy}
    if isinstance(vector.text, str):
        return told(verify(vector.text, **options))
    try:
        presented = read_pieces(vector.text)
    except Unreadable as fault:
        return ["broken", fault.code, str(fault.layer)]
    return told(verify_presented(presented, **options))


def in_browser(tmp_path: Path, worlds: list[tuple[World, Policy]], codes: list[str] = []) -> dict[str, Any]:  # noqa: B006
    packed = [carried(world.revocations) for world, _ in worlds]
    groups = [
        {
            "trust": trust_document(world.trust),
            "revocations": held.head,
            "bundles": {
                name: base64.b64encode(content).decode()
                for (name, _), content in zip(held.head["bundles"], held.bundles, strict=True)
            },
            "listsLast": policy.lists_last and policy.lists_last.total_seconds(),
            "vectors": [[one.text, one.now.timestamp()] for one in world.vectors],
        }
        for (world, policy), held in zip(worlds, packed, strict=True)
    ]
    file = tmp_path / "vectors.json"
    file.write_text(json.dumps({"groups": groups, "codes": codes}), encoding="utf-8")
    done = subprocess.run(
        [str(NODE), "--no-warnings", str(RUNNER), str(file)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def differences(world: World, policy: Policy, found: list[Any]) -> list[str]:
    unequal = []
    for vector, there in zip(world.vectors, found, strict=True):
        expected = json.loads(json.dumps(here(world, vector, policy)))
        if there[: len(expected)] != expected and not _is_damaged_alike(vector, expected, there):
            unequal.append(f"{vector.name}: server {expected} browser {there}")
    return unequal


def _is_damaged_alike(vector: Vector, here: list[Any], there: list[Any]) -> bool:
    """A certificate inside a seal, changed by lot: two readers of X.509 need not stumble over the same bit."""
    causes = {
        "certificate-unreadable",
        "key-unreadable",
        "chain-missing",
        "chain-signature",
        "chain-country",
        "test-country",
    }
    return vector.name.startswith("seal changed") and here[0] == there[0] and {here[1], there[1]} <= causes


def test_every_vector_has_one_verdict(world: World, tmp_path: Path) -> None:
    strict = Policy(lists_last=timedelta(days=2))
    answers = in_browser(tmp_path, [(world, Policy()), (world, strict)])
    assert differences(world, Policy(), answers["groups"][0]) == []
    assert differences(world, strict, answers["groups"][1]) == []
    states = Counter(one[0] for one in answers["groups"][0])
    assert len(world.vectors) > 3000 and len(states) == 8, states
    assert len({one[1] for one in answers["groups"][0]}) > 100


def test_long_lists_cut_short_have_one_verdict(world: World, tmp_path: Path) -> None:
    """As a browser carries lists of millions: what was revoked is found, and not called certain."""
    cut = World(world.trust, shortened(world.revocations, exact_most=100), world.vectors)
    answers = in_browser(tmp_path, [(cut, Policy())])
    assert differences(cut, Policy(), answers["groups"][0]) == []
    reasons = Counter(one[1] for one in answers["groups"][0])
    assert reasons["revocation-uncertain"] > 3, reasons


def test_countries_are_the_same(tmp_path: Path) -> None:
    codes = [pair[at : at + 3] for pair in _CODES.split() for at in (0, 2)]
    codes += [pair[:2] for pair in _CODES.split()] + [
        *_OTHER_NAMES,
        "",
        "xx",
        " pt ",
        "AA",
        "QM",
        "QAT",
        "XOM",
        "ZZZ",
        "UTO",
        "X1",
        "PRTX",
    ]
    answers = in_browser(tmp_path, [], codes)
    assert answers["countries"] == [[same_country(code), is_for_tests(code)] for code in codes]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published vectors are not beside this checkout")
def test_published_vectors_have_one_verdict(tmp_path: Path) -> None:
    """Every code in the collections of the EU, of WHO and of the health cards' authors, at its own clock and today."""
    texts, certificates = _published()
    keys = []
    for der in certificates:
        with contextlib.suppress(KeyRefused):
            keys.append(trusted(der))
    held = TrustList("published", Environment.TEST, 1, NOW, "", tuple(keys))
    trust = TrustStore(Environment.TEST, {"published": held})
    vectors = tuple(
        Vector(text[:40], text, when) for text, clock in texts for when in dict.fromkeys((clock or NOW, NOW))
    )
    published = World(trust, Revocations(Environment.TEST), vectors)
    answers = in_browser(tmp_path, [(published, Policy())])
    assert differences(published, Policy(), answers["groups"][0]) == []
    states = Counter(one[0] for one in answers["groups"][0])
    assert len(vectors) > 900 and states["valid"] > 200, states


def _published() -> tuple[list[tuple[str, datetime | None]], set[bytes]]:
    """Texts of codes with the instant they are to be looked at, and signers' certificates."""
    texts: dict[str, datetime | None] = {}
    certificates = set()
    for path in sorted(SHARED.rglob("*")):
        if (
            path.suffix not in {".json", ".txt", ".jws", ".smart-health-card"}
            or path.stat().st_size > 1_000_000
        ):
            continue
        content = path.read_bytes().decode("utf-8", "replace").strip()
        if path.suffix == ".json" and "TESTCTX" in content:
            text, der, clock = _of_the_eu(content)
            texts.setdefault(text, clock)
            certificates.add(der)
        elif content.startswith(("HC1:", "shc:/", "eyJ", '{"data"', "PK")) and "\n" not in content:
            texts.setdefault(content, None)
    return [(text, clock) for text, clock in texts.items() if text], certificates - {b""}


def _of_the_eu(content: str) -> tuple[str, bytes, datetime | None]:
    try:
        found = json.loads(content)
        context = found["TESTCTX"]
        text = found.get("PREFIX") or ""
        der = base64.b64decode(context.get("CERTIFICATE") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", b"", None
    clock = str(context.get("VALIDATIONCLOCK", ""))
    return text, der, instant(clock) or instant(clock + "Z")
