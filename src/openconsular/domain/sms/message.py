"""The body shared by submit_sm (SMPP 3.4 section 4.4.1) and deliver_sm (4.6.1), and its optional parameters (5.3)."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from openconsular.domain.sms.alphabet import NotSeptets
from openconsular.domain.sms.pdu import (
    HEADER_OCTETS,
    MalformedPdu,
    c_octets,
)
from openconsular.domain.sms.segments import Encoding, Part, decode_body, split_header

HAS_HEADER = 0x40
"""esm_class bit: the message begins with a user data header (5.2.12)."""
IS_RECEIPT = 0x04
"""esm_class bits 5..2 of a deliver_sm that carries a delivery receipt (5.2.12)."""
MOST_SHORT = 254
"""sm_length (5.2.21): octets that short_message may hold."""

RECEIPTED_MESSAGE_ID = 0x001E
MESSAGE_PAYLOAD = 0x0424
MESSAGE_STATE = 0x0427
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F

_LATIN_1 = 0x03

# The mandatory fields up to sm_length in one pass: service_type; source and destination, each as type of number, plan
# and digits; esm_class; protocol_id, priority_flag; two times; registered_delivery; replace_if_present_flag;
# data_coding; sm_default_msg_id; sm_length.
_MANDATORY = re.compile(
    rb"[^\0]{0,5}\0(..[^\0]{0,20})\0(..[^\0]{0,20})\0(.)..[^\0]{0,16}\0[^\0]{0,16}\0(.).(.).(.)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Address:
    """A number or name with its type of number and numbering plan (5.2.5, 5.2.6)."""

    digits: str
    type_of_number: int = 1
    plan: int = 1

    def encode(self) -> bytes:
        return bytes([self.type_of_number, self.plan]) + c_octets(self.digits, 21)


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """One submit_sm or deliver_sm body. `user_data` is the message with its header if esm_class says so."""

    source: Address
    destination: Address
    user_data: bytes
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    parameters: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def is_receipt(self) -> bool:
        return self.esm_class & 0x3C == IS_RECEIPT

    @property
    def part(self) -> Part | None:
        """Where this belongs among the parts of a text: from its header, or from the sar_ parameters."""
        if self.esm_class & HAS_HEADER:
            return split_header(self.user_data)[0]
        if not self.parameters:
            return None
        values = [self.parameters.get(tag, b"") for tag in (SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER)]
        if [len(value) for value in values] != [2, 1, 1]:
            return None
        reference, total, number = (int.from_bytes(value, "big") for value in values)
        return Part(reference, total, number) if 1 <= number <= total else None

    @property
    def body(self) -> bytes:
        """The message without its header."""
        return split_header(self.user_data)[1] if self.esm_class & HAS_HEADER else self.user_data

    @property
    def text(self) -> str:
        return text_of(self.body, self.data_coding)

    def encode(self) -> bytes:
        """The body. More than 254 octets travel in message_payload. Raises MalformedPdu."""
        short, parameters = self.user_data, dict(self.parameters)
        if len(short) > MOST_SHORT:
            parameters[MESSAGE_PAYLOAD], short = short, b""
        optional = b"".join(struct.pack(">2H", tag, len(value)) + value for tag, value in parameters.items())
        return (
            b"\0"
            + self.source.encode()
            + self.destination.encode()
            + bytes(
                [self.esm_class, 0, 0, 0, 0, self.registered_delivery, 0, self.data_coding, 0, len(short)]
            )
            + short
            + optional
        )


class SubmitTemplate:
    """What is alike in every submit_sm of one sender, encoded once: a mass send spends its time elsewhere."""

    def __init__(self, source: Address) -> None:
        self._front = b"\0" + source.encode() + b"\x01\x01"

    def encode(self, sequence: int, digits: bytes, tail: bytes) -> bytes:
        """A submit_sm frame to an international number (ASCII digits, at most 20) with a `tail` of this class."""
        front = self._front
        length = HEADER_OCTETS + len(front) + len(digits) + 1 + len(tail)
        return b"%b\0\0\0\0%b%b%b\0%b" % (
            length.to_bytes(4, "big") + b"\0\0\0\x04",
            sequence.to_bytes(4, "big"),
            front,
            digits,
            tail,
        )

    @staticmethod
    def tail(user_data: bytes, encoding: Encoding, *, has_header: bool, wants_receipt: bool) -> bytes:
        """All that follows the destination: priority 1, no schedule, validity as the operator has it."""
        esm_class = HAS_HEADER if has_header else 0
        return b"%c\0\x01\0\0%c\0%c\0%c%b" % (
            esm_class,
            wants_receipt,
            encoding.value,
            len(user_data),
            user_data,
        )


def decode_short_message(octets: bytes) -> ShortMessage:
    """A submit_sm or deliver_sm body. Raises MalformedPdu."""
    found = _MANDATORY.match(octets)
    if found is None:
        raise MalformedPdu("The message does not have the fields it must have.")
    source, destination, esm_class, registered_delivery, data_coding, length = found.groups()
    start = found.end()
    end = start + length[0]
    if end > len(octets):
        raise MalformedPdu("The message is shorter than it says.")
    parameters = _read_parameters(octets, end) if end < len(octets) else {}
    return ShortMessage(
        Address(source[2:].decode("latin-1"), source[0], source[1]),
        Address(destination[2:].decode("latin-1"), destination[0], destination[1]),
        octets[start:end] or parameters.get(MESSAGE_PAYLOAD, b""),
        data_coding[0],
        esm_class[0],
        registered_delivery[0],
        parameters,
    )


def text_of(body: bytes, data_coding: int) -> str:
    """The text of a body or of bodies joined, by its data coding (5.2.19).

    UCS-2 and Latin-1 are read as such, everything else as septets in octets; octets that are no septets are
    read as UTF-8 where possible and as Latin-1 where not, because operators mislabel and a person's call for
    help must not be lost.
    """
    if data_coding == Encoding.UCS2.value:
        return decode_body(body, Encoding.UCS2)
    if data_coding == _LATIN_1:
        return body.decode("latin-1")
    try:
        return decode_body(body, Encoding.GSM7)
    except NotSeptets:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            return body.decode("latin-1")


def _read_parameters(octets: bytes, position: int) -> dict[int, bytes]:
    parameters: dict[int, bytes] = {}
    while position < len(octets):
        if position + 4 > len(octets):
            raise MalformedPdu("An optional parameter ends too early.")
        tag, length = struct.unpack_from(">2H", octets, position)
        position += 4 + length
        if position > len(octets):
            raise MalformedPdu("An optional parameter is shorter than it says.")
        parameters[tag] = octets[position - length : position]
    return parameters
