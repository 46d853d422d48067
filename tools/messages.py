"""Gathers every text a person reads into the catalogues, and checks that their translations are whole.

    python tools/messages.py            bring src/openconsular/locale/*/LC_MESSAGES/django.po up to date
    python tools/messages.py --check    say what is missing or wrong, change nothing
    python tools/messages.py --from FILE.po ...    also take translations from these files

Needs no gettext programs: Django turns templates into something the Python extractor of Babel reads. A catalogue
is sorted by message and names files without lines, so that two people who add a page do not get in each other's way.
"""

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tokenize import TokenError

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "openconsular"
LOCALES = SOURCE / "locale"
# Complete catalogues; others may be begun and are only checked for what they hold.
COMPLETE = ("zh_Hans",)
MOST_SHOWN = 60
ERROR_ROOT = "OpenConsularError"

SINGLE = ("_", "gettext", "gettext_lazy", "gettext_noop")
PLURAL = ("ngettext", "ngettext_lazy")
IN_CONTEXT = ("pgettext", "pgettext_lazy")
PLURAL_IN_CONTEXT = ("npgettext", "npgettext_lazy")
KEYWORDS = dict.fromkeys((*SINGLE, *PLURAL, *IN_CONTEXT, *PLURAL_IN_CONTEXT))

Key = tuple[str | None, str]


class Found:
    """One message of the program: its texts, and the files it stands in."""

    def __init__(self, context: str | None, singular: str, plural: str | None) -> None:
        self.context = context
        self.singular = singular
        self.plural = plural
        self.files: set[str] = set()

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.singular, self.plural) if self.plural else self.singular


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--from", dest="drafts", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    found = gather(SOURCE)
    if not options.check:
        for locale in locales():
            update(catalogue_path(locale), locale, found, options.drafts if locale in COMPLETE else [])
    problems = [line for locale in locales() for line in check(catalogue_path(locale), locale, found)]
    for line in problems[:MOST_SHOWN] if options.check else []:
        print(line, file=sys.stderr)
    print(f"translations: {len(found)} texts, {len(problems)} problems", file=sys.stderr)
    return 1 if problems and options.check else 0


def locales() -> list[str]:
    begun = {path.parts[-3] for path in LOCALES.glob("*/LC_MESSAGES/django.po")}
    return sorted({*COMPLETE, *begun})


def catalogue_path(locale: str) -> Path:
    return LOCALES / locale / "LC_MESSAGES" / "django.po"


def gather(source: Path) -> dict[Key, Found]:
    """Every message in the Python files and templates below `source`, by context and text."""
    found: dict[Key, Found] = {}
    for path in sorted([*source.rglob("*.py"), *source.rglob("*.html"), *source.rglob("*.txt")]):
        if "dist" in path.parts:
            continue
        name = path.relative_to(source).as_posix()
        for context, singular, plural in messages_in(path):
            one = found.setdefault((context, singular), Found(context, singular, plural))
            one.plural = one.plural or plural
            one.files.add(name)
    for path, sentences in errors_in(
        [path for path in sorted(source.rglob("*.py")) if _is_shown(path)]
    ).items():
        for sentence in sentences:
            found.setdefault((None, sentence), Found(None, sentence, None)).files.add(
                path.relative_to(source).as_posix()
            )
    return found


def _is_shown(path: Path) -> bool:
    """Whether errors of this file reach a page; those of the rest are for the log and the terminal."""
    return not {"gateways", "drills", "config", "migrations"} & set(path.parts)


def messages_in(path: Path) -> Iterator[tuple[str | None, str, str | None]]:
    """(context, text, plural) of every message in one file. Exits where a file cannot be read as what it is."""
    code = path.read_text("utf-8")
    if path.suffix != ".py":
        # Blanked-out markup is indented at random; only the order of the words matters.
        code = "\n".join(line.strip() for line in templatize(code, origin=str(path)).splitlines())
    try:
        calls = list(extract_python(io.BytesIO(code.encode()), KEYWORDS, (), {}))
    except (TokenError, SyntaxError) as error:
        sys.exit(f"{path}: cannot be read: {error}")
    for _line, function, arguments, _comments in calls:
        texts = list(arguments) if isinstance(arguments, tuple) else [arguments]
        context = texts.pop(0) if function in (*IN_CONTEXT, *PLURAL_IN_CONTEXT) else None
        if texts and texts[0]:
            many = function in (*PLURAL, *PLURAL_IN_CONTEXT) and len(texts) > 1
            yield context, texts[0], texts[1] if many else None


def errors_in(files: list[Path]) -> dict[Path, set[str]]:
    """What the program's own errors say: their docstrings and the plain sentences they are raised with, by file.

    They are raised in English below the pages, and translated where they are shown.
    """
    trees = {path: ast.parse(path.read_text("utf-8")) for path in files}
    classes = [
        (path, node)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    names = {ERROR_ROOT}
    while more := {node.name for _, node in classes if {_name(base) for base in node.bases} & names} - names:
        names |= more
    found: dict[Path, set[str]] = {path: set() for path in files}
    for path, node in classes:
        said = ast.get_docstring(node)
        if node.name in names and said and "\n" not in said:
            found[path].add(said)
    for path, tree in trees.items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and _name(call.func) in names and call.args:
                first = call.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[path].add(first.value)
    return found


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def update(path: Path, locale: str, found: dict[Key, Found], drafts: list[Path]) -> None:
    """Write the catalogue anew: every message of the program, with the translations there are.

    What the catalogue holds comes before what a draft says, unless it has a fault.
    """
    sources = [translated(read(source, locale)) for source in [path, *drafts] if source.exists()]
    catalogue = Catalog(locale=locale)
    for key, one in found.items():
        there = [known[key] for known in sources if key in known]
        best = next((message for message in there if not faults_of(one, message)), None)
        old = best or next(iter(there), None)
        string = old.string if old and bool(one.plural) == is_plural(old) else None
        files = [(name, None) for name in sorted(one.files)]
        catalogue.add(one.id, string, locations=files, context=one.context)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(
            f'msgid ""\nmsgstr ""\n"Language: {locale}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
            f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'.encode()
        )
        write_po(file, catalogue, width=110, omit_header=True, sort_output=True, include_lineno=False)


def read(path: Path, locale: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def translated(catalogue: Catalog) -> dict[Key, Message]:
    """The messages that have a translation, by context and text; doubtful ("fuzzy") ones do not count."""
    return {
        (one.context, one.id[0] if isinstance(one.id, (list, tuple)) else one.id): one
        for one in catalogue
        if one.id and one.string and all(strings(one)) and not one.fuzzy
    }


def is_plural(message: Message) -> bool:
    return isinstance(message.string, (list, tuple))


def strings(message: Message) -> list[str]:
    return list(message.string) if is_plural(message) else [message.string]


def check(path: Path, locale: str, found: dict[Key, Found]) -> list[str]:
    """What is wrong with a catalogue, a line each."""
    known = translated(read(path, locale)) if path.exists() else {}
    problems = []
    for key, one in sorted(found.items(), key=lambda item: (item[0][1], item[0][0] or "")):
        if key in known:
            faults = faults_of(one, known[key])
        else:
            faults = ["has no translation"] if locale in COMPLETE else []
        problems += [f"{locale}: “{one.singular[:70]}” ({min(one.files)}) {fault}" for fault in faults]
    return problems


PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]?[\d.]*[a-zA-Z]|%[sdifr]|%%|\{\w*\}")
ASCII_AFTER_HAN = re.compile(r"[\u3400-\u9fff][,.:;?!()]")


def faults_of(one: Found, message: Message) -> list[str]:
    faults = []
    if bool(one.plural) != is_plural(message):
        faults.append("has changed between singular and plural; run make messages")
    wanted = [set(PLACEHOLDER.findall(text)) for text in (one.singular, one.plural) if text]
    for string in strings(message):
        if set(PLACEHOLDER.findall(string)) not in wanted:
            faults.append(f"has other placeholders in its translation “{string[:70]}”")
        mixed = ASCII_AFTER_HAN.search(string)
        if mixed:
            faults.append(f"has ASCII punctuation after Chinese: “{mixed.group()}”")
        if one.singular.startswith("\n") != string.startswith("\n"):
            faults.append("begins with a new line in one language only")
    return faults


if __name__ == "__main__":
    sys.exit(main())
