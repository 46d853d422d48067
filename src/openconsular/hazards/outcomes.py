"""What became of what came in: every item is a hazard, quarantined or ignored, with a reason. Nothing else exists."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from openconsular.domain.cap.reasons import Remark


class Outcome(StrEnum):
    HAZARD = "hazard"
    QUARANTINED = "quarantined"
    IGNORED = "ignored"


@dataclass(frozen=True)
class ItemOutcome:
    """One item. `code` says more: of a hazard new, updated, unchanged, ended or cancelled, else the reason's code.

    `hazard_id` is the hazard it made or spoke of; `changed` are those about which people may need to be told.
    """

    outcome: Outcome
    code: str
    reason: Remark | None = None
    hazard_id: int | None = None
    title: str = ""
    changed: tuple[int, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def sentence(self) -> str:
        """The reason with its remarks, in English."""
        parts = [self.reason.message] if self.reason else []
        return " ".join(parts + [remark.message for remark in self.remarks])


@dataclass(frozen=True)
class IngestResult:
    """All items of one or several documents. `changed` are the hazards to look at, each once, in order."""

    items: tuple[ItemOutcome, ...] = ()

    def __add__(self, other: "IngestResult") -> "IngestResult":
        return IngestResult(self.items + other.items)

    @property
    def read(self) -> int:
        return len(self.items)

    def count(self, outcome: Outcome) -> int:
        return sum(1 for item in self.items if item.outcome is outcome)

    @property
    def changed(self) -> list[int]:
        return list(dict.fromkeys(hazard_id for item in self.items for hazard_id in item.changed))


@dataclass
class SourceReport:
    """What came of one top folder or file. `items` pairs each file with what became of its items."""

    items: list[tuple[str, ItemOutcome]] = field(default_factory=list)

    @property
    def result(self) -> IngestResult:
        return IngestResult(tuple(outcome for _, outcome in self.items))


def total(reports: Iterable[SourceReport]) -> IngestResult:
    return IngestResult(tuple(outcome for report in reports for _, outcome in report.items))
