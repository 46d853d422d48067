"""Checks the documentation against the project and builds it as plain HTML.

    python tools/docs.py            check, then build into .state/docs
    python tools/docs.py --check    check only

What is checked: links lead to files and headings that exist; every `openconsular` command, `make` task, variable
and path of the project that is named exists; every variable and command is explained; every page is linked from
another one; no line names a machine of its writer.
"""

import argparse
import html
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
BUILT = Path(os.environ.get("OPENCONSULAR_STATE") or ROOT / ".state") / "docs"
SETTINGS = "docs/reference/settings.md"
COMMANDS = "docs/reference/commands.md"
# Started by another command only.
INNER_COMMANDS = {"demo_room"}
# Commands of the framework that people of this project need now and then.
FRAMEWORK_COMMANDS = {"help", "migrate", "makemigrations", "collectstatic", "shell", "dbshell", "check"}

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s`(/])openconsular[ ]+([a-z][a-z_]*)\b(?!:)")
MAKE = re.compile(r"(?:^|[\s`(])make[ ]+([a-z][a-z-]*)\b")
VARIABLE = re.compile(r"\b(OPENCONSULAR_[A-Z_]+|DATABASE_URL)\b")
PATH = re.compile(r"`((?:src|docs|tests|tools|bench|deploy|frontend|changelog\.d|requirements)/[\w./-]*)`")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
MACHINE = re.compile(r"(?:^|[\s`(])/(?:root|work|tmp)/")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    found = pages(ROOT)
    problems = check(ROOT, found)
    for line in problems:
        print(line, file=sys.stderr)
    if not options.check:
        build(ROOT, found, BUILT)
        print(f"documentation: {len(found)} pages in {BUILT}", file=sys.stderr)
    return 1 if problems else 0


def pages(root: Path) -> list[Path]:
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md"), *(root / "deploy").rglob("*.md")])


def check(root: Path, found: list[Path]) -> list[str]:
    """Everything that is not so, a line each."""
    commands, tasks, variables = known_commands(root), known_tasks(root), known_variables(root)
    problems = []
    for page in found:
        text = page.read_text("utf-8")
        name = page.relative_to(root).as_posix()
        problems += [f"{name}: the link {link} leads nowhere" for link in broken_links(page, text)]
        code = "\n".join(CODE.findall(text))
        problems += [
            f"{name}: there is no command “openconsular {one}”" for one in strange(COMMAND, code, commands)
        ]
        problems += [f"{name}: there is no task “make {one}”" for one in strange(MAKE, code, tasks)]
        problems += [f"{name}: there is no variable {one}" for one in strange(VARIABLE, text, variables)]
        problems += [f"{name}: there is no {one}" for one in PATH.findall(text) if not (root / one).exists()]
        if MACHINE.search(text):
            problems.append(f"{name}: names a folder of the writer's machine")
    problems += [f"{one}: no page leads here" for one in lonely(root, found)]
    settings = root / SETTINGS
    explained = set(VARIABLE.findall(settings.read_text("utf-8"))) if settings.exists() else set()
    problems += [f"{SETTINGS}: {one} is not explained" for one in sorted(variables - explained)]
    told = (root / COMMANDS).read_text("utf-8") if (root / COMMANDS).exists() else ""
    ours = commands - FRAMEWORK_COMMANDS - INNER_COMMANDS
    problems += [
        f"{COMMANDS}: {one} is not told" for one in sorted(ours) if f"`openconsular {one}`" not in told
    ]
    return problems


def strange(pattern: re.Pattern[str], text: str, known: set[str]) -> list[str]:
    return sorted(set(pattern.findall(text)) - known)


def known_commands(root: Path) -> set[str]:
    files = (root / "src" / "openconsular").glob("*/management/commands/*.py")
    return {path.stem for path in files if path.stem != "__init__"} | FRAMEWORK_COMMANDS


def known_tasks(root: Path) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text("utf-8"), re.MULTILINE))


def known_variables(root: Path) -> set[str]:
    table = (root / "src" / "openconsular" / "config" / "env.py").read_text("utf-8")
    return set(re.findall(r'^    "([A-Z_]+)": "', table, re.MULTILINE))


def broken_links(page: Path, text: str) -> Iterator[str]:
    for link in LINK.findall(CODE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, heading = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (heading and heading not in headings(target.read_text("utf-8"))):
            yield link


def lonely(root: Path, found: list[Path]) -> list[str]:
    """Pages of the documentation to which no other page has a link."""
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in found
        for link in LINK.findall(page.read_text("utf-8"))
        if link.partition("#")[0]
    }
    pages_below = [page for page in found if (root / "docs") in page.parents and page.name != "index.md"]
    return [page.relative_to(root).as_posix() for page in pages_below if page.resolve() not in linked]


def headings(text: str) -> set[str]:
    return {anchor(one) for one in HEADING.findall(text)}


def anchor(heading: str) -> str:
    """The name by which a heading is linked: lower case, words joined by hyphens."""
    words = re.sub(r"[^\w\s-]", "", heading.replace("`", "").lower())
    return re.sub(r"\s", "-", words.strip())


FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} · OpenConsular</title><style>
body {{ max-inline-size: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif;
color-scheme: light dark }} pre {{ overflow-x: auto; padding: .75rem; background: color-mix(in srgb, currentColor 8%, transparent) }}
table {{ border-collapse: collapse; display: block; overflow-x: auto }} td, th {{ border: 1px solid; padding: .25rem .5rem;
text-align: start; vertical-align: top }} img {{ max-inline-size: 100% }}
</style></head><body><nav><a href="{home}">OpenConsular documentation</a></nav><main>
{body}</main></body></html>
"""


def build(root: Path, found: list[Path], target: Path) -> None:
    """Every page as HTML in the same tree, with the pictures beside them."""
    shutil.rmtree(target, ignore_errors=True)
    renderer = MarkdownIt("commonmark").enable("table")
    for page in found:
        text = page.read_text("utf-8")
        body = re.sub(
            r"<h([1-6])>(.*?)</h\1>",
            lambda one: (
                f'<h{one[1]} id="{anchor(html.unescape(re.sub("<[^>]+>", "", one[2])))}">{one[2]}</h{one[1]}>'
            ),
            renderer.render(text),
        )
        body = re.sub(r'(href="(?![a-z]+:)[^"#]*)\.md(["#])', r"\1.html\2", body)
        out = (target / page.relative_to(root)).with_suffix(".html")
        out.parent.mkdir(parents=True, exist_ok=True)
        title = next(iter(HEADING.findall(text)), page.stem)
        home = os.path.relpath(target / "docs" / "index.html", out.parent)
        out.write_text(FRAME.format(title=html.escape(title), home=home, body=body), encoding="utf-8")
    for picture in (root / "docs" / "images").glob("*"):
        copy = target / "docs" / "images" / picture.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, copy)


if __name__ == "__main__":
    sys.exit(main())
