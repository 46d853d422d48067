"""Signers' certificates as vectors write them: Base64 of DER, with or without the lines of PEM around it."""

import base64
import binascii
import re

_FRAME = re.compile(r"-----[A-Z ]+-----")


def der_of(text: str) -> bytes:
    """The certificate (DER). Raises `ValueError` for what is no Base64."""
    try:
        return base64.b64decode("".join(_FRAME.sub("", text).split()), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from error
