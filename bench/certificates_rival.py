"""The rival of bench.certificates: the library `cwt`, in a process of its own with the packages it asks for.

Reads one JSON object from standard input, then commands, one a line: "verify N" or "issue N" does so N times over and
answers with the seconds of processor time. Its guide pairs it with the package `base45`; "verify_lent" and
"issue_lent" use our Base45 instead, several times as fast, which leaves what the library itself does.
"""

import json
import sys
import time
import zlib
from collections.abc import Callable
from typing import Any

import base45 as companion
import cwt
from cwt import COSEKey

from openconsular.domain.health.hcert import base45 as lent


def main() -> None:
    told = json.loads(sys.stdin.readline())
    private = [
        COSEKey.from_pem(pem, kid=bytes.fromhex(kid), alg="ES256") for kid, pem in told["private"].items()
    ]
    public = [
        COSEKey.from_pem(pem, kid=bytes.fromhex(kid), alg="ES256") for kid, pem in told["public"].items()
    ]
    texts, claims = told["texts"], told["claims"]
    payloads = [{1: "AT", 4: told["exp"], 6: told["iat"], -260: {1: claim}} for claim in claims]

    def verify(number: int, decode: Callable[[str], bytes]) -> None:
        token = zlib.decompress(decode(texts[number % len(texts)][4:]))
        found = cwt.decode(token, keys=public)
        assert found[-260][1]["ver"] == "1.3.0"

    def issue(number: int, encode: Callable[[bytes], Any]) -> None:
        token = cwt.encode(payloads[number % len(payloads)], private[number % len(private)])
        letters = encode(zlib.compress(token, 9))
        text = "HC1:" + (letters if isinstance(letters, str) else letters.decode())
        assert text.startswith("HC1:")

    work: dict[str, Callable[[int], None]] = {
        "verify": lambda number: verify(number, companion.b45decode),
        "verify_lent": lambda number: verify(number, lent.decode),
        "issue": lambda number: issue(number, companion.b45encode),
        "issue_lent": lambda number: issue(number, lent.encode),
    }
    print("ready", flush=True)
    for line in sys.stdin:
        name, count = line.split()
        began = time.process_time()
        for number in range(int(count)):
            work[name](number)
        print(time.process_time() - began, flush=True)


if __name__ == "__main__":
    main()
