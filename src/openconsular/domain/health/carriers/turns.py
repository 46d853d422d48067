"""Turns at looking through pictures: so many at once, some more that wait, and the others are told at once.

A small file can unpack to half a gigabyte and take seconds to search. Where each stranger's file began at once, a few
of them together would take the memory and the connections that everything else needs.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from openconsular.domain.health.verdict import Layer, Unreadable

# For each process that serves.
AT_ONCE = 2
WAITING_MOST = 4
SECONDS_WAITED = 8.0

_looking = threading.BoundedSemaphore(AT_ONCE)
_here = threading.BoundedSemaphore(AT_ONCE + WAITING_MOST)


@contextmanager
def turn() -> Iterator[None]:
    """Waits for a turn. Raises `Unreadable` with "reader-busy" where too many wait, or for too long."""
    if not _here.acquire(blocking=False):
        raise _busy()
    try:
        if not _looking.acquire(timeout=SECONDS_WAITED):
            raise _busy()
        try:
            yield
        finally:
            _looking.release()
    finally:
        _here.release()


def _busy() -> Unreadable:
    return Unreadable(Layer.PICTURE, "reader-busy", "too many pictures are being looked through; try again")
