"""Verifying and issuing one certificate after another, beside OpenSSL's bare signature and the library `cwt`.

`verify` and `issue` are the ways for many (a flight's passengers, a campaign's doses), `verify_one` and `issue_one`
those for one at a time; the rival knows only the latter. It is measured with the Base45 its guide names and, to be
fair to the library itself, with ours lent to it ("lent"). Every side works in turns, a second at a time, and is measured in processor time of one core, so that whatever else
the machine does weighs on all alike; a ratio is the median of the turns. OpenSSL's figure is what
`openssl speed ecdsap256` prints: a signature checked or made, and nothing else.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from bench.certificates_world import KEYS, World, issuance, world, write
from openconsular.domain.health.hcert.issue import dcc_claim, issue_many
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.verdict import State
from openconsular.domain.health.verify import verify, verify_many

ROOT = Path(__file__).resolve().parents[1]
SHEET = 64
# With the Base45 its guide pairs it with, and with ours.
RIVAL_WAYS = ("verify", "issue", "verify_lent", "issue_lent")
RIVALS = ROOT / ".venv" / "rivals"
_SPEED = re.compile(r"256 bits ecdsa \(nistp256\)\s+\S+\s+\S+\s+([\d.]+)\s+([\d.]+)")


def run(small: bool) -> dict[str, float]:
    """Verifications and issues a second of one core, and their ratios."""
    made = world(64 if small else 512)
    rounds, turn = (2, 640) if small else (7, 6400)
    revocations = Revocations()

    def verify_one(count: int) -> None:
        for number in range(count):
            text = made.texts[number % len(made.texts)]
            found = verify(text, trust=made.trust, revocations=revocations, now=made.now)
            assert found.state is State.VALID

    def verify_together(count: int) -> None:
        texts = islice(cycle(made.texts), count)
        for found in verify_many(texts, trust=made.trust, revocations=revocations, now=made.now):
            assert found.state is State.VALID

    def issue_one(count: int) -> None:
        for number in range(count):
            write(made.payloads[number % len(made.payloads)], made.signers[number % KEYS], made.now)

    def issue_together(count: int) -> None:
        """Sheets of 64, each signed by one signer in turn."""
        payloads = cycle(made.payloads)
        for number in range(count // SHEET):
            sheet = list(islice(payloads, SHEET))
            assert len(issue_many(sheet, issuance(made.signers[number % KEYS], made.now))) == SHEET

    own = {
        "verify": verify_together,
        "verify_one": verify_one,
        "issue": issue_together,
        "issue_one": issue_one,
    }
    with _rival(made) as rival:
        turns = [_turn(turn, own, rival) for _ in range(rounds)]
    return _figures(turns)


def _turn(count: int, own: dict[str, Callable[[int], None]], rival: "Rival") -> dict[str, float]:
    signed, verified = _openssl()
    figures = {"openssl_sign": signed, "openssl_verify": verified}
    figures |= {name: _rate(work, count) for name, work in own.items()}
    figures |= {f"cwt_{name}": rival.rate(name, count // 4) for name in RIVAL_WAYS}
    return figures


def _rate(work: Callable[[int], None], count: int) -> float:
    began = time.process_time()
    work(count)
    return count / (time.process_time() - began)


def _openssl() -> tuple[float, float]:
    """Signatures made and checked a second, by the command line program."""
    printed = subprocess.run(
        ["openssl", "speed", "-seconds", "1", "ecdsap256"], capture_output=True, text=True, check=True
    ).stdout
    found = _SPEED.search(printed)
    if found is None:
        raise SystemExit(f"openssl speed prints no figure that is known here:\n{printed}")
    return float(found[1]), float(found[2])


class Rival:
    """The other process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def rate(self, name: str, count: int) -> float:
        return count / float(self.ask(f"{name} {count}"))


@contextmanager
def _rival(made: World) -> Iterator[Rival]:
    private = {one.key_id.hex(): one.private_pem.decode() for one in made.signers}
    public = {
        one.key_id.hex(): one.private_key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
        for one in made.signers
    }
    claims = [dcc_claim(payload.holder, payload.entry) for payload in made.payloads]
    now = int(made.now.timestamp())
    told = {
        "private": private,
        "public": public,
        "texts": made.texts,
        "claims": claims,
        "iat": now - 86_400,
        "exp": now + 365 * 86_400,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bench.certificates_rival"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{RIVALS}{os.pathsep}{ROOT}"},
    ) as process:
        rival = Rival(process)
        if rival.ask(json.dumps(told)).strip() != "ready":
            raise SystemExit("the library cwt did not start")
        yield rival
        assert process.stdin is not None
        process.stdin.close()


def _figures(turns: list[dict[str, float]]) -> dict[str, float]:
    def median(name: str) -> float:
        return statistics.median(turn[name] for turn in turns)

    def ratio(name: str, to: str) -> float:
        return round(statistics.median(turn[name] / turn[to] for turn in turns), 3)

    return {
        "verify_ratio_openssl": ratio("verify", "openssl_verify"),
        "verify_one_ratio_openssl": ratio("verify_one", "openssl_verify"),
        "verify_ratio_cwt": ratio("verify", "cwt_verify"),
        "verify_ratio_cwt_lent": ratio("verify", "cwt_verify_lent"),
        "issue_ratio_openssl": ratio("issue", "openssl_sign"),
        "issue_one_ratio_openssl": ratio("issue_one", "openssl_sign"),
        "issue_ratio_cwt": ratio("issue", "cwt_issue"),
        "issue_ratio_cwt_lent": ratio("issue", "cwt_issue_lent"),
        "verify_per_second": round(median("verify")),
        "issue_per_second": round(median("issue")),
        "openssl_verify_per_second": round(median("openssl_verify")),
        "openssl_sign_per_second": round(median("openssl_sign")),
        "cwt_verify_per_second": round(median("cwt_verify")),
        "cwt_issue_per_second": round(median("cwt_issue")),
    }
