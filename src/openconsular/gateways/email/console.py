"""The e-mail twin that needs nothing."""

from typing import TextIO

from openconsular.gateways.base import OutgoingMessage
from openconsular.gateways.console import ConsoleGateway
from openconsular.gateways.email.mime import envelope_address


class ConsoleEmail(ConsoleGateway):
    """Keeps e-mails in memory, and writes a line for each to a stream if given one."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__("email-console", _fault, stream)


def _fault(message: OutgoingMessage) -> str:
    return "" if envelope_address(message.address) else "address-invalid"
