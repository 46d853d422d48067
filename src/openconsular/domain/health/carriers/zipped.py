"""Takes the one file out of a zip archive that a stranger packed, without trusting a word of its directory."""

import re
import struct
import zlib

from openconsular.domain.health.verdict import Layer, Unreadable

_NAME = re.compile(rb"[A-Za-z0-9_.-]{1,64}")
_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1


def unzip(data: bytes, *, most: int) -> bytes:
    """The one file in a zip archive (APPNOTE 6.3), at most `most` bytes.

    Refuses several files, names with folders, encryption, methods but DEFLATE and a checksum that is wrong.
    """
    try:
        return _unzip(data, most)
    except (struct.error, zlib.error) as error:
        raise _bad_zip(str(error)) from error


def _unzip(data: bytes, most: int) -> bytes:
    at = data.rfind(b"PK\x05\x06")
    if at < 0:
        raise _bad_zip("no directory")
    _, _, _, _, count, size, start, comment = _END.unpack_from(data, at)
    if count != 1 or at + _END.size + comment != len(data) or start + size != at:
        raise Unreadable(Layer.COMPRESSION, "zip-not-one-file", "the archive holds more than one file")
    entry = _CENTRAL.unpack_from(data, start)
    flags, method, checksum, packed, unpacked, name_length = (*entry[3:5], *entry[7:11])
    name = data[start + _CENTRAL.size :][:name_length]
    if entry[0] != b"PK\x01\x02" or flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
        raise _bad_zip("a kind of archive not known here")
    if not _NAME.fullmatch(name) or name.strip(b".") == b"":
        raise Unreadable(Layer.COMPRESSION, "zip-name-refused", "a file name with more than letters")
    if unpacked > most:
        raise Unreadable(Layer.COMPRESSION, "inflated-too-long", f"more than {most} bytes")
    local = _LOCAL.unpack_from(data, entry[16])
    body = entry[16] + _LOCAL.size + local[9] + local[10]
    if local[0] != b"PK\x03\x04" or local[3] != method or body + packed > start:
        raise _bad_zip("the directory and the file disagree")
    content = _inflate(data[body : body + packed], method, most)
    if len(content) != unpacked or zlib.crc32(content) != checksum:
        raise Unreadable(Layer.COMPRESSION, "zip-checksum-wrong", "the file is not what its checksum says")
    return content


def _inflate(packed: bytes, method: int, most: int) -> bytes:
    if method == _STORED:
        return packed
    machine = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    content = machine.decompress(packed, most + 1)
    if len(content) > most:
        raise Unreadable(Layer.COMPRESSION, "inflated-too-long", f"more than {most} bytes")
    if not machine.eof or machine.unused_data:
        raise _bad_zip("the compressed file ends too early or too late")
    return content


def _bad_zip(message: str) -> Unreadable:
    return Unreadable(Layer.COMPRESSION, "zip-malformed", message)
