"""The house rules on imports, read from the source itself: two doors to every app, layers inside it, short files.

`lint-imports` holds the order of the packages; this test holds what happens between and inside them.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src"
ROOT = "openconsular"
APPS = ("accounts", "citizens", "health_certificates", "hazards", "casework", "alerts", "drills", "web")
DOORS = ("actions", "queries")
# Pages may also ask who is signed in: `citizens.session` does for citizens what `foundation.staff_pages` does for staff.
DOORS_OF_PAGES = (*DOORS, "session")
# What an app needs of another one before anything runs: settings and the URLconf name these by their path.
MOST_LINES = 400

# Inside an app a module may use its own layer and those below it. Modules with other names are the inner rooms:
# they stand behind the doors, so they may not look up to pages, interfaces and jobs.
LAYERS = {
    "urls": 5,
    "admin": 5,
    "management": 5,
    "views": 4,
    "api": 4,
    "jobs": 4,
    "adapter": 4,
    "middleware": 4,
    "context": 4,
    "forms": 4,
    "templatetags": 4,
    "actions": 3,
    "queries": 2,
    "models": 1,
}
INNER = 3


@dataclass(frozen=True)
class Import:
    """`module` imports `target`, both dotted and absolute; `is_late` inside a function."""

    module: str
    target: str
    line: int
    is_late: bool


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted((SRC / ROOT).rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(module: str, source: str) -> Iterator[Import]:
    """Every import in a source, wherever it stands; `from a import b` counts as `a.b`, which may be a module."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    late = {id(inner) for node in functions for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield Import(module, name, node.lineno, id(node) in late)


def place(dotted: str) -> tuple[str, str]:
    """Package and room of a module: "openconsular.alerts.views.live" -> ("alerts", "views")."""
    parts = dotted.split(".")
    if parts[0] != ROOT or len(parts) < 2:
        return "", ""
    return parts[1], parts[2] if len(parts) > 2 else ""


def wrong_doors(one: Import) -> bool:
    """An app entered from outside other than through its actions or queries."""
    from_package, from_room = place(one.module)
    package, room = place(one.target)
    if package not in APPS or package == from_package:
        return False
    is_wiring = from_package == "config" and from_room in {"settings", "urls"}
    doors = DOORS_OF_PAGES if from_room == "views" else DOORS
    return room not in doors and not is_wiring


def looks_up(one: Import) -> bool:
    """A module of an app that uses a layer above its own.

    An inner room may use the doors, and everything but the models may use it. An action may name a job of its
    own app inside a function, to queue it: jobs are made of actions, so at the top it would be a circle.
    """
    from_package, from_room = place(one.module)
    package, room = place(one.target)
    if package not in APPS or package != from_package or "migrations" in (from_room, room):
        return False
    if room == "jobs" and one.is_late:
        return False
    if from_room in LAYERS and room in LAYERS:
        return LAYERS[room] > LAYERS[from_room]
    if room in LAYERS:
        return LAYERS[room] > INNER
    return from_room == "models" and room != ""


def reads_environment(source: str) -> list[int]:
    lines = []
    for node in ast.walk(ast.parse(source)):
        is_environ = isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        if is_environ and isinstance(node.value, ast.Name) and node.value.id == "os":
            lines.append(node.lineno)
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            lines += [node.lineno for alias in node.names if alias.name in {"environ", "getenv"}]
    return lines


def all_imports() -> Iterator[Import]:
    for module, path in modules():
        yield from imports(module, path.read_text("utf-8"))


def told(found: list[Import]) -> str:
    return "\n".join(f"{one.module}:{one.line} imports {one.target}" for one in found)


def test_apps_are_entered_through_their_doors():
    found = [one for one in all_imports() if wrong_doors(one)]
    assert not found, told(found)


def test_inside_an_app_imports_go_down():
    found = [one for one in all_imports() if looks_up(one)]
    assert not found, told(found)


def test_only_config_reads_the_environment():
    found = [
        f"{module}:{line}"
        for module, path in modules()
        if place(module)[0] != "config"
        for line in reads_environment(path.read_text("utf-8"))
    ]
    assert not found, found


def test_no_file_is_too_long():
    """Generated migrations aside: nobody reads them."""
    written = [(module, path) for module, path in modules() if ".migrations." not in module]
    lengths = {module: len(path.read_text("utf-8").splitlines()) for module, path in written}
    assert len(lengths) > 50
    assert not {module: n for module, n in lengths.items() if n > MOST_LINES}


def test_every_app_is_looked_at():
    apps = {path.parent.name for path in (SRC / ROOT).glob("*/apps.py")} - {"foundation"}
    assert apps == set(APPS)


# ------------------------------------------------------------------ and the rules can be broken


@pytest.mark.parametrize(
    ("module", "line", "is_wrong"),
    [
        ("openconsular.alerts.deliver", "from openconsular.citizens.models import Person", True),
        ("openconsular.alerts.deliver", "from openconsular.citizens import models", True),
        ("openconsular.alerts.deliver", "import openconsular.citizens.models", True),
        ("openconsular.alerts.deliver", "from openconsular.casework import forms as f", True),
        ("openconsular.config.running", "from openconsular.alerts.models import Warning", True),
        ("openconsular.alerts.deliver", "from openconsular.citizens.session import current", True),
        ("openconsular.alerts.views.answer", "from openconsular.citizens.session import current", False),
        ("openconsular.alerts.deliver", "from openconsular.citizens import queries as citizens", False),
        ("openconsular.alerts.deliver", "from openconsular.citizens.queries.bulk import stays_in", False),
        ("openconsular.alerts.deliver", "from openconsular.casework.actions import open_cases", False),
        ("openconsular.alerts.deliver", "from openconsular.alerts.models import Warning", False),
        ("openconsular.alerts.deliver", "from openconsular.foundation import audit", False),
        ("openconsular.alerts.deliver", "from openconsular.domain.geo import Area", False),
        ("openconsular.alerts.deliver", "from openconsular.gateways.sms import sender", False),
    ],
)
def test_a_wrong_door_is_noticed(module, line, is_wrong):
    assert [wrong_doors(one) for one in imports(module, line)] == [is_wrong]


@pytest.mark.parametrize(
    ("room", "target", "is_wrong"),
    [
        ("queries", "actions", True),
        ("models", "queries", True),
        ("models", "links", True),
        ("actions", "views", True),
        ("actions", "jobs", True),
        ("opening", "views", True),
        ("queries", "forms", True),
        ("views", "urls", True),
        ("urls", "views", False),
        ("views", "actions", False),
        ("jobs", "actions", False),
        ("actions", "queries", False),
        ("actions", "opening", False),
        ("opening", "models", False),
        ("views", "jobs", False),
    ],
)
def test_a_look_upwards_is_noticed(room, target, is_wrong):
    source = f"from {ROOT}.casework.{target} import thing"
    assert [looks_up(one) for one in imports(f"{ROOT}.casework.{room}", source)] == [is_wrong]


@pytest.mark.parametrize(
    "source", ["import os\nos.environ['A']", "import os\nos.getenv('A')", "from os import environ"]
)
def test_reading_the_environment_is_noticed(source):
    assert reads_environment(source)
