"""Frames of SMPP 3.4: the header, cutting a stream into frames, and the bodies that open and end a session.

Section numbers refer to the "Short Message Peer to Peer Protocol Specification v3.4", issue 1.2.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

HEADER_OCTETS = 16
MOST_OCTETS = 70_000
"""A frame may carry up to 64 KiB in message_payload (5.3.2.32); anything longer is no SMPP."""

INTERFACE_VERSION = 0x34
RESPONSE = 0x80000000

_HEADER = struct.Struct(">4I")


class Command(IntEnum):
    """command_id values (5.1.2.1) that the platform speaks."""

    BIND_RECEIVER = 0x00000001
    BIND_TRANSMITTER = 0x00000002
    SUBMIT_SM = 0x00000004
    DELIVER_SM = 0x00000005
    UNBIND = 0x00000006
    BIND_TRANSCEIVER = 0x00000009
    ENQUIRE_LINK = 0x00000015
    GENERIC_NACK = 0x80000000
    BIND_RECEIVER_RESP = 0x80000001
    BIND_TRANSMITTER_RESP = 0x80000002
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM_RESP = 0x80000005
    UNBIND_RESP = 0x80000006
    BIND_TRANSCEIVER_RESP = 0x80000009
    ENQUIRE_LINK_RESP = 0x80000015


class Status(IntEnum):
    """command_status values (5.1.3) that have a meaning of their own here."""

    ESME_ROK = 0x00000000
    ESME_RINVMSGLEN = 0x00000001
    ESME_RINVCMDLEN = 0x00000002
    ESME_RINVCMDID = 0x00000003
    ESME_RINVBNDSTS = 0x00000004
    ESME_RALYBND = 0x00000005
    ESME_RSYSERR = 0x00000008
    ESME_RINVSRCADR = 0x0000000A
    ESME_RINVDSTADR = 0x0000000B
    ESME_RINVMSGID = 0x0000000C
    ESME_RBINDFAIL = 0x0000000D
    ESME_RINVPASWD = 0x0000000E
    ESME_RINVSYSID = 0x0000000F
    ESME_RMSGQFUL = 0x00000014
    ESME_RINVDSTTON = 0x00000050
    ESME_RINVDSTNPI = 0x00000051
    ESME_RSUBMITFAIL = 0x00000045
    ESME_RINVSRCTON = 0x00000048
    ESME_RINVSRCNPI = 0x00000049
    ESME_RTHROTTLED = 0x00000058
    ESME_RX_T_APPN = 0x00000064
    ESME_RX_P_APPN = 0x00000065
    ESME_RX_R_APPN = 0x00000066
    ESME_RUNKNOWNERR = 0x000000FF


class MalformedPdu(Exception):
    """The octets are not an SMPP 3.4 frame or body."""

    code = "malformed-pdu"


class Frame(NamedTuple):
    """One PDU. `command` and `status` stay numbers: operators use values of their own."""

    command: int
    status: int
    sequence: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Bind:
    """What opens a session (4.1). `command` is one of the three BIND_ commands."""

    command: Command
    system_id: str
    password: str = ""
    system_type: str = ""
    address_range: str = ""

    def encode(self, sequence: int) -> bytes:
        """The frame. Raises MalformedPdu for a field that is too long or not ASCII."""
        body = (
            c_octets(self.system_id, 16)
            + c_octets(self.password, 9)
            + c_octets(self.system_type, 13)
            + bytes([INTERFACE_VERSION, 0, 0])
            + c_octets(self.address_range, 41)
        )
        return encode_frame(self.command, Status.ESME_ROK, sequence, body)


def encode_frame(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """Header and body as octets."""
    return _HEADER.pack(HEADER_OCTETS + len(body), command, status, sequence) + body


def take_frames(buffer: bytearray) -> list[Frame]:
    """Cut every whole frame off the front of the buffer, which is shortened in place.

    Raises MalformedPdu when the buffer begins with a stated length outside 16 to 70,000 octets: the stream cannot
    be followed after it. Frames before such a length are returned first.
    """
    frames: list[Frame] = []
    position, available = 0, len(buffer)
    octets = bytes(buffer)
    unpack = _HEADER.unpack_from
    while available - position >= HEADER_OCTETS:
        length, command, status, sequence = unpack(octets, position)
        if not HEADER_OCTETS <= length <= MOST_OCTETS:
            if frames:
                break
            raise MalformedPdu(f"A frame of {length} octets cannot be.")
        if available - position < length:
            break
        frames.append(Frame(command, status, sequence, octets[position + HEADER_OCTETS : position + length]))
        position += length
    del buffer[:position]
    return frames


def decode_bind(frame: Frame) -> Bind:
    """What a client asks for. Raises MalformedPdu."""
    system_id, position = read_c_octets(frame.body, 0, 16)
    password, position = read_c_octets(frame.body, position, 9)
    system_type, position = read_c_octets(frame.body, position, 13)
    address_range, position = read_c_octets(frame.body, position + 3, 41)
    try:
        return Bind(Command(frame.command), system_id, password, system_type, address_range)
    except ValueError as error:
        raise MalformedPdu("This is no bind.") from error


def decode_identifier(body: bytes) -> str:
    """The one string of a bind response (system_id) or submit response (message_id, at most 65 octets).

    Empty when the body is: an error response has none (4.4.2).
    """
    return read_c_octets(body, 0, 65)[0] if body else ""


def c_octets(text: str, most: int) -> bytes:
    """A C-octet string of at most `most` octets, the closing zero included (3.1)."""
    if len(text) >= most or not text.isascii() or "\0" in text:
        raise MalformedPdu(f"{len(text)} characters do not fit a field of {most} octets of ASCII.")
    return text.encode("ascii") + b"\0"


def read_c_octets(octets: bytes, position: int, most: int) -> tuple[str, int]:
    """A C-octet string at a position and the position after it. Raises MalformedPdu when it does not end."""
    end = octets.find(b"\0", position, position + most)
    if end < 0:
        raise MalformedPdu("A string does not end where it must.")
    return octets[position:end].decode("latin-1"), end + 1


def status_name(status: int) -> str:
    """The name of a status in small letters with dashes ("rthrottled"), or its number in hexadecimal."""
    try:
        return Status(status).name.removeprefix("ESME_").lower().replace("_", "-")
    except ValueError:
        return f"smpp-{status:08x}"
