"""Log lines without people in them: logs are copied to places where nobody counts who reads them.

Whatever a library or an error message brings along, an address that opens something (an answer link, a set-up
link), a phone, an e-mail address and the row a database complains about do not get into a line.
"""

import logging
import re

_HIDDEN = (
    (re.compile(r"(/a/|/staff/welcome/)[^\s/?\"')]+"), r"\1[hidden]"),
    (re.compile(r"[\w.!#$%&*+=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<![\w+-])\+[1-9](?:[ -]?\d){6,14}(?!\d)"), "[phone]"),
    # "DETAIL:  Failing row contains (17, Wang, …)" and "Key (value_hash)=(…) already exists".
    (re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE), r"\1: [hidden]"),
)


class DiscreetFormatter(logging.Formatter):
    """A formatter that takes personal data out of the finished line, traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record))


def discreet(line: str) -> str:
    for pattern, instead in _HIDDEN:
        line = pattern.sub(instead, line)
    return line
