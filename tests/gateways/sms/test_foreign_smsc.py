"""Our client against a message centre that others wrote: the npm package `smpp`, as package.json pins it."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openconsular.gateways.base import OutgoingMessage, Receipt, Reply
from openconsular.gateways.sms.smpp import SmppGateway, open_smpp
from tests.gateways.rigs import until

ROOT = Path(__file__).parents[3]
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="Node.js is not installed."),
    pytest.mark.skipif(
        not (ROOT / "node_modules" / "smpp").exists(),
        reason="The npm package smpp is not installed; npm ci does it.",
    ),
]


class Centre:
    """The foreign message centre as a process, and what it printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.port = json.loads(process.stdout.readline())["port"]
        self.got: list[dict[str, Any]] = []
        self._lines = process.stdout
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._lines:
            self.got.append(json.loads(line))

    def end(self) -> None:
        self._reader.join(5)


@pytest.fixture
def centre() -> Iterator[Centre]:
    script = Path(__file__).with_name("foreign_smsc.mjs")
    with subprocess.Popen(
        [str(NODE), str(script), str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        made = Centre(process)
        yield made
        assert process.stdin is not None
        process.stdin.close()
        made.end()


@pytest.fixture
def gateway(centre: Centre) -> Iterator[SmppGateway]:
    made = open_smpp(f"smpp://ministry:secret@127.0.0.1:{centre.port}", "GOV", live=True)
    yield made
    made.close()


def test_texts_arrive_to_the_letter(centre: Centre, gateway: SmppGateway) -> None:
    texts = ["Plain @£$_ words", "€uro [and] {more} ~^|\\", "请远离海岸 😀", "Ωμέγα"]
    messages = [OutgoingMessage(n, f"+861300000000{n}", text) for n, text in enumerate(texts)]
    outcomes = gateway.hand_over(messages)
    assert [one.state for one in outcomes] == ["accepted"] * len(texts)
    until(lambda: len(centre.got) == len(texts))
    assert [one["text"] for one in centre.got] == texts
    assert {
        (one["source_addr"], one["source_addr_ton"], one["registered_delivery"]) for one in centre.got
    } == {("GOV", 5, 1)}
    assert [one["data_coding"] for one in centre.got] == [0, 0, 8, 8]


@pytest.mark.parametrize("text", ["word €" * 60, "请远离海岸，前往高处。😀" * 20])
def test_long_texts_arrive_in_parts_that_make_the_whole(
    centre: Centre, gateway: SmppGateway, text: str
) -> None:
    (outcome,) = gateway.hand_over([OutgoingMessage("k", "+8613000000001", text)])
    assert outcome.state == "accepted"
    until(lambda: "".join(one["text"] for one in centre.got) == text)
    assert {one["esm_class"] for one in centre.got} == {0x40}
    assert len({tuple(one["udh"][2:4]) for one in centre.got}) == 1, "one reference and one total"
    assert [one["udh"][-1] for one in centre.got] == list(range(1, len(centre.got) + 1))
    # A receipt is asked for the last part only, whose reference is the message's.
    assert [one["registered_delivery"] for one in centre.got] == [0] * (len(centre.got) - 1) + [1]


def test_refusals_receipts_and_replies(centre: Centre, gateway: SmppGateway) -> None:
    receipts: list[Receipt] = []
    replies: list[Reply] = []
    stop = threading.Event()
    listener = threading.Thread(target=gateway.listen, args=(receipts.extend, replies.extend, stop))
    listener.start()
    until(lambda: len(replies) == 1)
    assert (replies[0].address, replies[0].text) == ("+8613000000009", "救命，我们在山上 😀")
    outcomes = gateway.hand_over([OutgoingMessage(n, f"+86130000000{n}", "x") for n in (97, 98, 99)])
    assert [(one.state, one.error_code) for one in outcomes][2] == ("refused", "rinvdstadr")
    until(lambda: len(receipts) == 2)
    assert {one.provider_ref for one in receipts} == {one.provider_ref for one in outcomes[:2]}
    assert {one.state for one in receipts} == {"delivered"}
    stop.set()
    listener.join(3)
    assert not listener.is_alive()


def test_ten_thousand_in_flight(centre: Centre, gateway: SmppGateway) -> None:
    outcomes = gateway.hand_over(
        [OutgoingMessage(n, f"+8613{n:09d}", f"Notice {n}") for n in range(10_000) if n % 100 != 99]
    )
    assert {one.state for one in outcomes} == {"accepted"}
    until(lambda: len(centre.got) == 9_900, 20)
    assert len({one["destination_addr"] for one in centre.got}) == 9_900


def test_a_wrong_password_is_told(centre: Centre) -> None:
    gateway = open_smpp(f"smpp://ministry:wrong@127.0.0.1:{centre.port}", "GOV", live=True)
    assert gateway.hand_over([OutgoingMessage(1, "+8613000000001", "x")])[0].error_code == "bind-rinvpaswd"
