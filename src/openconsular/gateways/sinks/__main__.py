"""A sink as a process of its own: `python -m openconsular.gateways.sinks smsc --port 0 --receipts`, or smtp.

Writes one line of JSON with its port, then answers each line of JSON on standard input with one of its own:
{"do": "counters"}, {"do": "reply", "address": "+86...", "text": "1"}, {"do": "faults", "slow_seconds": 0.1}.
Ends with its input, so that it never outlives the process that started it.
"""

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path

from openconsular.gateways.sinks.smsc import SmscSink
from openconsular.gateways.sinks.smtp import SmtpSink


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m openconsular.gateways.sinks", description=__doc__)
    reader.add_argument("kind", choices=["smsc", "smtp"])
    reader.add_argument("--port", type=int, default=0)
    reader.add_argument("--record-to", type=Path)
    reader.add_argument("--receipts", action="store_true")
    wanted = reader.parse_args()
    made: SmscSink | SmtpSink
    if wanted.kind == "smsc":
        made = SmscSink(port=wanted.port, record_to=wanted.record_to, receipts=wanted.receipts)
    else:
        made = SmtpSink(port=wanted.port, record_to=wanted.record_to)
    with made as sink:
        _say({"port": sink.port})
        for line in sys.stdin:
            _say(_obey(sink, line))


def _obey(sink: SmscSink | SmtpSink, line: str) -> dict[str, object]:
    try:
        order = json.loads(line)
    except json.JSONDecodeError as error:
        return {"error": str(error)}
    match order:
        case {"do": "counters"}:
            return dict(sink.counters.as_dict())
        case {"do": "reply", "address": str(address), "text": str(text)} if isinstance(sink, SmscSink):
            sink.reply(address, text)
            return {"done": True}
        case {"do": "drop"}:
            sink.drop_connections()
            return {"done": True}
        case {"do": "faults", **changes}:
            known = {field.name for field in fields(sink.faults)}
            for name, value in changes.items():
                if name in known:
                    setattr(sink.faults, name, value)
            return {"done": True}
    return {"error": "This order is not known."}


def _say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
