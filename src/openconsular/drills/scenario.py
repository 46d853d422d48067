"""Scenarios: what was published when, as data; each step becomes a CAP message when it is published."""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from openconsular.domain.cap import model as cap
from openconsular.foundation.errors import NotFound
from openconsular.foundation.profile import in_language

FOLDER = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Step:
    """One message of a scenario. `at_minutes` is the time since the first; `held_back` means officers wait with it."""

    identifier: str
    at_minutes: float
    msg_type: str
    category: str
    urgency: str
    severity: str
    certainty: str
    lasts_hours: float
    event: dict[str, str]
    headline: dict[str, str]
    area: dict[str, str]
    polygon: tuple[tuple[float, float], ...] = ()
    circle: tuple[float, float, float] | None = None
    references: tuple[str, ...] = ()
    response: str = ""
    held_back: bool = False


@dataclass(frozen=True)
class Scenario:
    """`share` of the synthetic people stay in `countries`, the others all over the world."""

    name: str
    title: dict[str, str]
    sender: str
    countries: tuple[str, ...]
    share: float
    steps: tuple[Step, ...]

    def message(self, step: Step, *, sent: dict[str, datetime], run: str) -> cap.Alert:
        """The CAP message of a step; `sent` holds when each step so far was published, this one included."""
        now = sent[step.identifier]
        return cap.Alert(
            identifier=f"{run}-{step.identifier}",
            sender=self.sender,
            sent=now,
            status=cap.Status.EXERCISE,
            msg_type=cap.MsgType(step.msg_type),
            references=tuple(
                cap.Reference(self.sender, f"{run}-{one}", sent[one])
                for one in step.references
                if one in sent
            ),
            infos=tuple(self._info(step, language, now) for language in step.event),
        )

    def _info(self, step: Step, language: str, now: datetime) -> cap.Info:
        return cap.Info(
            event=step.event[language],
            language=language,
            categories=(cap.Category(step.category),),
            response_types=(cap.ResponseType(step.response),) if step.response else (),
            urgency=cap.Urgency(step.urgency),
            severity=cap.Severity(step.severity),
            certainty=cap.Certainty(step.certainty),
            effective=now,
            expires=now + timedelta(hours=step.lasts_hours),
            sender_name=in_language(self.title, language),
            headline=step.headline[language],
            areas=(
                cap.Area(
                    area_desc=step.area[language],
                    polygons=(_ring(step.polygon),) if step.polygon else (),
                    circles=(_circle(step.circle),) if step.circle else (),
                ),
            ),
        )


def _ring(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{lat},{lon}" for lat, lon in (*points, points[0]))


def _circle(circle: tuple[float, float, float]) -> str:
    lat, lon, radius_km = circle
    return f"{lat},{lon} {radius_km}"


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> Scenario:
    path = FOLDER / f"{name}.toml"
    if name not in names():
        raise NotFound(f"There is no scenario “{name}”. Known scenarios: {', '.join(names())}.")
    raw = tomllib.loads(path.read_text("utf-8"))
    return Scenario(
        name=raw["name"],
        title=raw["title"],
        sender=raw["sender"],
        countries=tuple(raw["countries"]),
        share=raw["share"],
        steps=tuple(_step(one) for one in raw["steps"]),
    )


def _step(raw: dict[str, object]) -> Step:
    values = dict(raw)
    for name in ("polygon", "circle", "references"):
        if name in values:
            part = values[name]
            assert isinstance(part, list)
            values[name] = tuple(tuple(p) if isinstance(p, list) else p for p in part)
    return Step(**values)  # type: ignore[arg-type]
