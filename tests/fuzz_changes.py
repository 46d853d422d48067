"""Random changes to texts, bytes and JSON values, of the kinds that readers stumble over."""

import random
from collections.abc import Sequence

ODD = [
    "",
    "\0",
    "\ud800",
    "€",
    "\U0001f600",
    "A" * 3000,
    "-1",
    "1e999",
    "null",
    '"',
    "\\u0000",
    "{",
    "[[[[[[",
    "=",
    "\n",
]


def changed_text(text: str, others: Sequence[str], chance: random.Random) -> str:
    """A few random edits: letters changed, cut out, doubled, put elsewhere, or something odd put in."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at, to = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
        kind = chance.randrange(8)
        if kind == 0:
            text = text[:at] + chr(chance.randrange(32, 127)) + text[at + 1 :]
        elif kind == 1:
            text = text[:at] + text[min(to, at + 40) :]
        elif kind == 2:
            text = text[:at] + text[at : at + 60] + text[at:]
        elif kind == 3:
            text = text[:at] + chance.choice(ODD) + text[at:]
        elif kind == 4:
            text = text[:at]
        elif kind == 5:
            text = text[:at] + text[at:to].swapcase() + text[to:]
        elif kind == 6:
            other = chance.choice(others)
            text = text[:at] + other[at:to] + text[to:]
        else:
            text = text[:at] + chr(chance.randrange(0x110000)) + text[at + 1 :]
    return text


def changed_bytes(data: bytes, chance: random.Random) -> bytes:
    """As `changed_text`, for bytes; with the markers that CBOR and zip files turn on."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + data[at + chance.randrange(1, 30) :]
        elif kind == 2:
            data = data[:at] + data[at : at + 40] + data[at:]
        elif kind == 3:
            odd = (
                b"\x9b" + b"\xff" * 8,
                b"\xbf",
                b"\x9f",
                b"\xd8\x1c",
                b"\xd8\x1d\x00",
                b"\xc2\x58\xff",
                b"\xf9\x7e\x00",
            )
            data = data[:at] + chance.choice(odd) + data[at:]
        elif kind == 4:
            data = (
                data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
                if at < len(data)
                else data
            )
        else:
            data = data[:at] + b"\x81" * chance.choice((3, 40, 400)) + data[at:]
    return data


def changed_json(value: object, chance: random.Random) -> object:
    """One value somewhere inside is taken away, doubled or made into something else."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        made = dict(value)
        if chance.random() < 0.15:
            del made[name]
        else:
            made[name] = changed_json(value[name], chance)
        return made
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        made_list = list(value)
        made_list[at] = changed_json(value[at], chance)
        return made_list * chance.choice((1, 1, 1, 3, 200)) if chance.random() < 0.1 else made_list
    odd: list[object] = [
        None,
        True,
        0,
        -1,
        2**70,
        1e300,
        "",
        [],
        {},
        [[]],
        {"": ""},
        "A" * 500,
        "2026-02-30",
        "\u202e",
    ]
    return chance.choice([*odd, value, str(value), [value], {"x": value}])
