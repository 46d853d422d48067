"""No line of the log tells of a person or opens anything."""

import logging
import sys

import pytest
from django.conf import settings

from openconsular.foundation.log_lines import DiscreetFormatter, discreet


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("Internal Server Error: /a/AAAAAAapota_cW8IKQ8", "AAAAAAapota_cW8IKQ8"),
        ("Internal Server Error: /a/AAAAAAapota_cW8IKQ8/undo", "AAAAAAapota_cW8IKQ8"),
        ("Not Found: /staff/welcome/WzEsMTc:abc:def/", "WzEsMTc"),
        ("550 5.1.1 <mei.wang@mail.example.org> user unknown", "wang"),
        ("cannot reach +86 139 1234 5678 now", "1234"),
        ("to '+639171234567': refused", "639171234567"),
        ("null value violates\nDETAIL:  Failing row contains (17, 王小明, t).\nmore", "王小明"),
    ],
)
def test_personal_data_and_keys_are_hidden(line, secret):
    assert secret not in discreet(line)


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-22 16:55:28,101 INFO    openconsular.worker: ready for urgent",
        "4 job(s) of a worker that died were put back",
        "2026-11-22T16:55:28+00:00 smsc.example.org:2775 unreachable",
        "warning 17: 5000+1234567 rows",
    ],
)
def test_the_rest_stays_as_it_is(line):
    assert discreet(line) == line


def test_the_log_of_the_program_is_written_so():
    assert (
        settings.LOGGING["formatters"]["line"]["()"] == "openconsular.foundation.log_lines.DiscreetFormatter"
    )
    try:
        raise ValueError("no such number: +639171234567")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "failed for %s", ("a@b.example",), sys.exc_info()
        )
    text = DiscreetFormatter().format(record)
    assert "[phone]" in text
    assert "[e-mail]" in text
    assert "639171234567" not in text
