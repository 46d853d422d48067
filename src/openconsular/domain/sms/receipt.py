"""Delivery receipts: what became of a message after the operator took it.

The text form is that of SMPP 3.4 appendix B, which every operator varies; message_state and
receipted_message_id (5.3.2.35, 5.3.2.12) are believed first when they are there.
"""

import re
from dataclasses import dataclass
from typing import Literal

from openconsular.domain.sms.message import MESSAGE_STATE, RECEIPTED_MESSAGE_ID, ShortMessage

ReceiptState = Literal["delivered", "failed", "pending"]

_FIELD = re.compile(r"\b(id|stat|err):\s*([^\s:]{1,65})", re.IGNORECASE | re.ASCII)
_MOST_CHARACTERS = 1_000

# Section 5.2.28; the first three letters of a state name are enough and survive operators' spellings.
_BY_NUMBER = {1: "ENR", 2: "DEL", 3: "EXP", 4: "DELETED", 5: "UND", 6: "ACC", 7: "UNK", 8: "REJ"}
_OUTCOME: dict[str, ReceiptState] = {
    "DEL": "delivered",
    "EXP": "failed",
    "DELETED": "failed",
    "UND": "failed",
    "REJ": "failed",
    "ENR": "pending",
    "ACC": "pending",
    "UNK": "pending",
}


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """`message_id` is the one the operator gave on submission; `error` is the operator's own code."""

    message_id: str
    state: ReceiptState
    error: str = ""


def read_receipt(message: ShortMessage) -> DeliveryReceipt | None:
    """What a receipt says; None when no message can be told from it."""
    fields = {key.lower(): value for key, value in _FIELD.findall(message.text[:_MOST_CHARACTERS])}
    tagged = message.parameters.get(RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1")
    message_id = tagged or fields.get("id", "")
    if not message_id:
        return None
    number = message.parameters.get(MESSAGE_STATE, b"")
    word = _BY_NUMBER.get(number[0], "UNK") if number else fields.get("stat", "UNK").upper()
    key = "DELETED" if word.startswith("DELETED") else word[:3]
    error = fields.get("err", "")
    return DeliveryReceipt(message_id, _OUTCOME.get(key, "pending"), "" if error.strip("0") == "" else error)


def write_receipt(receipt: DeliveryReceipt, written_at: str) -> str:
    """The text of appendix B; `written_at` is YYMMDDhhmm. Used by the sink that stands in for an operator."""
    word = {"delivered": "DELIVRD", "failed": "UNDELIV", "pending": "ENROUTE"}[receipt.state]
    delivered = "001" if receipt.state == "delivered" else "000"
    return (
        f"id:{receipt.message_id} sub:001 dlvrd:{delivered} submit date:{written_at} done date:{written_at} "
        f"stat:{word} err:{receipt.error or '000'} text:"
    )
