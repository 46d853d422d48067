"""The e-mails of one hand-over: what waits, and what became of each."""

import time
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from openconsular.gateways.base import Outcome, OutgoingMessage, State
from openconsular.gateways.email.mime import Composer, envelope_address, message_id
from openconsular.gateways.email.session import Answer, MailConnectionLost, MailSession

_RESET = b"RSET\r\n"
_NOTHING = b".\r\n"


class Mail(NamedTuple):
    """An e-mail ready to go: its place in the batch, what opens its transaction, and its content up to the dot."""

    place: int
    envelope: list[bytes]
    content: bytes


class MailBatch:
    """Lanes take from it side by side. Every message ends in exactly one outcome."""

    def __init__(
        self, messages: Sequence[OutgoingMessage], composer: Composer, date: str, give_up_at: float
    ) -> None:
        self._messages = messages
        self._composer = composer
        self._date = date
        self._give_up_at = give_up_at
        self._waiting = deque(range(len(messages)))
        self._outcomes: list[Outcome | None] = [None] * len(messages)
        self._trouble = MailConnectionLost(
            "patience-ended", "The mail server did not take it in the time there was."
        )

    def is_empty(self) -> bool:
        return not self._waiting

    def note(self, lost: MailConnectionLost) -> None:
        """Why what is left over was not sent."""
        self._trouble = lost

    def outcomes(self) -> list[Outcome]:
        """In the order of the messages; what is still waiting is to be tried again."""
        trouble = self._trouble
        return [
            outcome or Outcome(message.key, "retry", "", trouble.code, str(trouble))
            for message, outcome in zip(self._messages, self._outcomes, strict=True)
        ]

    def send_over(self, session: MailSession) -> None:
        """One e-mail after the other; the next envelope travels right behind the content before it.

        Raises MailConnectionLost. What was not fully sent then waits again, what was is in doubt.
        """
        mail = self._next()
        answers = session.talk(mail.envelope if mail else [])
        while mail:
            try:
                verdict, content = _judge(*islice(answers, 3), content=mail.content)
            except MailConnectionLost:
                self._waiting.appendleft(mail.place)
                raise
            following = self._next()
            answers = session.talk([content, *(following.envelope if following else [])])
            try:
                closing = next(answers)
            except MailConnectionLost as lost:
                if following:
                    self._waiting.appendleft(following.place)
                self._lose(mail, verdict, lost)
                raise
            self._conclude(mail, verdict or closing)
            mail = following

    def _next(self) -> Mail | None:
        """The next e-mail that can be sent at all; None when none waits or the time is over."""
        while time.monotonic() < self._give_up_at:
            try:
                place = self._waiting.popleft()
            except IndexError:
                return None
            message = self._messages[place]
            recipient = envelope_address(message.address)
            if recipient:
                opening = f"MAIL FROM:<{self._composer.sender}>\r\n", f"RCPT TO:<{recipient}>\r\n", "DATA\r\n"
                content = self._composer.compose(message, recipient, self._date).replace(b"\r\n.", b"\r\n..")
                return Mail(place, [line.encode("ascii") for line in opening], content + _NOTHING)
            reason = "This is no e-mail address that can be written to."
            self._outcomes[place] = Outcome(message.key, "refused", "", "address-invalid", reason)
        return None

    def _lose(self, mail: Mail, verdict: Answer | None, lost: MailConnectionLost) -> None:
        if verdict:
            self._conclude(mail, verdict)
            return
        key = self._messages[mail.place].key
        self._outcomes[mail.place] = Outcome(key, "retry", "", lost.code, str(lost), in_doubt=True)

    def _conclude(self, mail: Mail, verdict: Answer) -> None:
        key = self._messages[mail.place].key
        if verdict.is_good:
            outcome = Outcome(key, "accepted", message_id(key, self._composer.domain))
        else:
            state: State = "refused" if verdict.code >= 500 else "retry"
            outcome = Outcome(key, state, "", f"smtp-{verdict.code}", verdict.text[:200])
        self._outcomes[mail.place] = outcome


def _judge(mail: Answer, recipient: Answer, data: Answer, *, content: bytes) -> tuple[Answer | None, bytes]:
    """Why the e-mail cannot go, if so, and what to say next: its content, an empty one, or a reset.

    A server that pipelines may ask for content although it refused the recipient; the answer to an empty one is
    then of no interest (RFC 2920 section 3.1).
    """
    trouble = next((answer for answer in (mail, recipient, data) if not answer.is_good), None)
    if data.code != 354:
        return trouble or Answer(451, f"Unexpected answer to DATA: {data.code} {data.text}"), _RESET
    return trouble, _NOTHING if trouble else content
