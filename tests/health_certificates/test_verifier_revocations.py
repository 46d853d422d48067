"""What a browser carries of long revocation lists: little, in bundles that stay, with the same answers as here."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType
from openconsular.domain.health.revocation.lists import RevocationList, list_of
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.revocation.segments import SHORT_BYTES
from openconsular.domain.health.trust.model import Environment
from openconsular.domain.health.verifier_revocations import EXACT_MOST, carried, shortened
from tests.domain.health.trust_world import NOW

RUNNER = Path(__file__).with_name("verifier_runner.mjs")
NODE = shutil.which("node")
KEY_ID = "0123456789abcdef"


def long_list(packed: bytes) -> RevocationList:
    hashes = {KEY_ID: {HashType.SIGNATURE: HashSet(packed)}}
    return list_of(hashes, list_id="long", environment=Environment.LIVE, version=1, as_of=NOW)


def held(packed: bytes) -> Revocations:
    return Revocations(Environment.LIVE, {"long": long_list(packed)})


@pytest.mark.skipif(NODE is None, reason="there is no Node here to run the browser's code")
@pytest.mark.parametrize("entries", [EXACT_MOST, EXACT_MOST + 1, 1_000_000])
def test_a_browser_finds_in_long_lists_what_is_found_here(entries: int, tmp_path: Path) -> None:
    lot = np.random.default_rng(entries)
    packed = lot.bytes(16 * entries)
    revocations = shortened(held(packed))
    packed_for_browser = carried(revocations)
    for (name, length), content in zip(
        packed_for_browser.head["bundles"], packed_for_browser.bundles, strict=True
    ):
        assert len(content) == length < 3 * 512 * 1024
        (tmp_path / name).write_bytes(content)
    strangers = lot.bytes(16 * 300)
    values = [packed[at : at + 16] for at in range(0, len(packed), len(packed) // 300 // 16 * 16)]
    values += [strangers[at : at + 16] for at in range(0, len(strangers), 16)]
    # Neighbours of what is there, that differ in the last byte that is kept, and at both ends of the table.
    values += [
        one[: SHORT_BYTES - 1] + bytes([one[SHORT_BYTES - 1] ^ 1]) + one[SHORT_BYTES:] for one in values[:99]
    ]
    values += [bytes(16), b"\xff" * 16]
    file = tmp_path / "looks.json"
    looks = {
        "head": packed_for_browser.head,
        "folder": str(tmp_path),
        "values": [one.hex() for one in values],
    }
    file.write_text(json.dumps({"groups": [], "codes": [], "looks": looks}))
    done = subprocess.run(
        [str(NODE), "--no-warnings", str(RUNNER), str(file)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    about = revocations.lists["long"].keys[KEY_ID]
    assert json.loads(done.stdout)["looked"] == [str(about.look(one)) for one in values]
    found = {str(about.look(one)) for one in values[:300]}
    assert found == ({"hit"} if entries <= EXACT_MOST else {"uncertain"})


def test_a_million_hashes_are_three_megabytes() -> None:
    packed = np.random.default_rng(1).bytes(16 * 1_000_000)
    made = carried(shortened(held(packed)))
    assert sum(map(len, made.bundles)) < 3.3e6 and len(json.dumps(made.head)) < 10_000


def test_what_is_there_already_is_not_carried_again() -> None:
    lot = np.random.default_rng(2)
    segments = [HashSet(lot.bytes(16 * count)).cut(SHORT_BYTES) for count in (400_000, 30_000, 50)]
    revocations = shortened(held(lot.bytes(16 * 10)), exact_most=0)

    def names(count: int) -> set[str]:
        made = carried(revocations, grown={"long": {KEY_ID: segments[:count]}})
        return {name for name, _ in made.head["bundles"]}

    assert names(1) < names(2) < names(3)
    assert len(names(3) - names(2)) == 1
