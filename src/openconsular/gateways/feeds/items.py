"""What a document of a feed consists of. Nothing in a document ends up as anything else."""

from dataclasses import dataclass

from openconsular.domain.cap.model import Alert
from openconsular.domain.cap.reasons import CapError, Remark, remark

KEPT_OF_REFUSED = 2_000_000  # bytes of a refused item kept for the officer who looks at it


@dataclass(frozen=True)
class AlertItem:
    """A CAP message and the bytes it was read from. With a `doubt` it must not warn or end anything by itself."""

    alert: Alert
    raw: bytes
    doubt: Remark | None = None


@dataclass(frozen=True)
class LinkItem:
    """An alert that lies elsewhere. `revision` changes when the feed says that what is there has changed."""

    url: str
    title: str = ""
    revision: str = ""


@dataclass(frozen=True)
class IgnoredItem:
    """Something that is no alert and needs nobody's attention."""

    reason: Remark


@dataclass(frozen=True)
class RefusedItem:
    """Something that should have been an alert, or may have been meant as one. `raw` is its beginning."""

    reason: Remark
    raw: bytes


Item = AlertItem | LinkItem | IgnoredItem | RefusedItem


def ignored(code: str, /, **values: object) -> IgnoredItem:
    return IgnoredItem(remark(code, **values))


def refused(error: CapError, raw: bytes) -> RefusedItem:
    return RefusedItem(error.remark, raw[:KEPT_OF_REFUSED])
