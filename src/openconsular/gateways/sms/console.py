"""The SMS twin that needs nothing."""

from typing import TextIO

from openconsular.domain.sms.segments import TextNotSendable, segments
from openconsular.gateways.base import OutgoingMessage
from openconsular.gateways.console import ConsoleGateway
from openconsular.gateways.sms.address import digits_of


class ConsoleSms(ConsoleGateway):
    """Keeps short messages in memory, and writes a line for each to a stream if given one."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__("sms-console", _fault, stream)


def _fault(message: OutgoingMessage) -> str:
    if not digits_of(message.address):
        return "address-invalid"
    try:
        segments(message.text)
    except TextNotSendable as error:
        return error.code
    return ""
