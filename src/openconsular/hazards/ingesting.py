"""Files and folders of alerts, read in the way feeds are: the core of `openconsular ingest`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from openconsular.domain.cap.reasons import CapError, Remark, remark
from openconsular.foundation.permissions import Actor
from openconsular.gateways.feeds.documents import MAX_DOCUMENT_BYTES
from openconsular.hazards import actions, queries
from openconsular.hazards.geocode_files import holds_registries
from openconsular.hazards.outcomes import IngestResult, ItemOutcome, Outcome, SourceReport, total

Progress = Callable[[int, int, str], None]
"""Called before each file with its number from 1, how many there are, and its name."""


@dataclass
class IngestReport:
    """By top folder or file, in the order given. `hints` are sentences for whoever started it."""

    sources: dict[str, SourceReport] = field(default_factory=dict)
    hints: list[str] = field(default_factory=list)

    @property
    def result(self) -> IngestResult:
        return total(self.sources.values())

    @property
    def changed(self) -> list[int]:
        """Hazards about which people may need to be told: hand each to `alerts.actions.match`."""
        return self.result.changed


def ingest(
    paths: Iterable[Path], *, as_of: datetime, by: Actor, progress: Progress | None = None
) -> IngestReport:
    """Record every file below `paths`. One bad file never stops the rest, and nothing is raised for what is in them."""
    report = IngestReport()
    files = [(source, name, path) for given in paths for source, name, path in _listed(given, report)]
    source_row = actions.files_source(now=as_of)
    for number, (source, name, path) in enumerate(files, start=1):
        if progress:
            progress(number, len(files), name)
        report.sources.setdefault(source, SourceReport())
        raw, fault = _read(path)
        if fault is not None:
            outcomes: tuple[ItemOutcome, ...] = (ItemOutcome(Outcome.QUARANTINED, fault.code, fault),)
        else:
            outcomes = actions.record_document(source=source_row, raw=raw, now=as_of, by=by, saved=True).items
        report.sources[source].items += [(name, outcome) for outcome in outcomes]
    report.hints += _waiting_for_codes(report)
    return report


def _waiting_for_codes(report: IngestReport) -> Iterator[str]:
    """What to do about alerts whose area is given by codes of registries that are not loaded."""
    waiting = [
        item for item in report.result.items if item.code == "geocode-registry-unknown" and item.reason
    ]
    if waiting:
        names = sorted(
            {name for one in waiting if one.reason for name in one.reason.values["registries"].split(", ")}
        )
        yield (
            f"{len(waiting)} alerts name their area by codes of {', '.join(names)} only and wait in quarantine. Load these "
            "registries with “openconsular geocodes FOLDER”, which tries what waits again, or add --geocodes FOLDER."
        )


def as_json(report: IngestReport) -> dict[str, Any]:
    """The shape that docs/reference/hazards.md describes."""
    return {
        **_counts(report.result),
        "changed": report.changed,
        "hints": report.hints,
        "sources": {
            name: {
                **_counts(source.result),
                "items": [_item(file, outcome) for file, outcome in source.items],
            }
            for name, source in report.sources.items()
        },
    }


def _counts(result: IngestResult) -> dict[str, int]:
    return {
        "read": result.read,
        "hazards": result.count(Outcome.HAZARD),
        "quarantined": result.count(Outcome.QUARANTINED),
        "ignored": result.count(Outcome.IGNORED),
    }


def _item(file: str, outcome: ItemOutcome) -> dict[str, Any]:
    return {
        "file": file,
        "outcome": outcome.outcome.value,
        "code": outcome.code,
        "reason": outcome.reason.message if outcome.reason else "",
        "remarks": [one.message for one in outcome.remarks],
        "title": outcome.title,
        "hazard": outcome.hazard_id,
    }


def _listed(given: Path, report: IngestReport) -> Iterator[tuple[str, str, Path]]:
    """(source, file name, path): below a folder its sub-folders are the sources, in a stable order."""
    if given.is_file():
        yield _shown(given.name), _shown(given.name), given
        return
    if not given.is_dir():
        report.hints.append(f"{given} is not there.")
        return
    beside = given.resolve().parent / "geocode"
    if not queries.loaded_registries() and beside != given.resolve() and holds_registries(beside):
        report.hints.append(
            f"Area codes could be loaded from {beside}: run “openconsular geocodes {beside}” or add --geocodes."
        )
    for path in sorted(given.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(given).parts):
            relative = path.relative_to(given)
            source = relative.parts[0] if len(relative.parts) > 1 else given.resolve().name
            yield _shown(source), _shown(str(relative)), path


def _shown(name: str) -> str:
    """A file name fit for a terminal: names may hold any bytes, also such that command terminals."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "�" for c in text)


def _read(path: Path) -> tuple[bytes, Remark | None]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_DOCUMENT_BYTES + 1)
    except OSError as error:
        return b"", CapError("file-unreadable", detail=error.strerror).remark
    if len(raw) > MAX_DOCUMENT_BYTES:
        size = path.stat().st_size
        return b"", remark("document-too-large", size=size, limit=MAX_DOCUMENT_BYTES)
    return raw, None
