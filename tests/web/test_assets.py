"""The front end by its rules: pinned, nothing from elsewhere, nothing inline, small for citizens."""

import gzip
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src" / "openconsular"
DIST = WEB / "web" / "static" / "dist"
# A drill's report is a file that must open by itself years later, not a page of the site.
TEMPLATES = sorted(p for p in WEB.glob("*/templates/**/*.html") if p.name != "report.html")
# theme.css is generated and declares colours and sizes only.
LAYER = sorted(p for p in (ROOT / "frontend" / "styles").glob("**/*.css") if p.name != "theme.css")
CITIZEN_BUDGET_KB = 100


@pytest.fixture
def dist():
    if not (DIST / "site.css").exists():
        pytest.skip("the front end has not been built: run tools/assets.py")
    return DIST


def test_packages_are_pinned_and_name_no_host():
    package = json.loads((ROOT / "package.json").read_text())
    # An exact version, or a folder of this project.
    named = package["devDependencies"].values()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+|file:frontend/[a-z-]+", version) for version in named)
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"].values()
    assert all(one.get("resolved", "frontend/").startswith("frontend/") for one in locked)
    assert "://" not in (ROOT / ".npmrc").read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_templates_hold_nothing_inline_and_nothing_from_elsewhere(path):
    html = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=", html), "inline style"
    assert not re.search(r"<style\b", html), "inline style sheet"
    assert not re.search(r"\son[a-z]+=", html), "inline event handler"
    assert not re.search(r"<script(?![^>]*\b(src|type=\"application/json\"))", html), "inline script"
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html), "something from elsewhere"


@pytest.mark.parametrize("path", LAYER, ids=lambda path: path.name)
def test_our_styles_work_in_both_directions(path):
    css = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    physical = (
        r"(?<![\w-])((margin|padding|border)-(left|right|top|bottom)|left|right|top|bottom|width|height)\s*:"
    )
    if path.name == "map.css":
        # MapLibre names the tips of its pop-ups by compass, whatever the direction of writing.
        css = re.sub(r"\.maplibregl-popup-tip[^}]*}", "", re.sub(r"popup-anchor[^}]*}", "", css))
    assert not re.findall(physical, css.replace("max-width:", "").replace("min-width:", ""))


def test_styles_fetch_nothing(dist):
    for path in dist.glob("*.css"):
        css = path.read_text(encoding="utf-8")
        assert not re.search(r"""url\((?!\s*["']?data:)""", css), path.name
        assert "@import" not in css
        assert "@font-face" not in css


def test_a_citizens_page_stays_small(dist):
    """Style and script as served (gzip, the larger of the two ways) leave room for the page itself."""
    size = sum(len(gzip.compress((dist / name).read_bytes(), 6)) for name in ("site.css", "site.js"))
    assert size < 30_000
    assert size < CITIZEN_BUDGET_KB * 1000


def test_styles_keep_every_property_that_is_read(dist):
    """What the build drops as unused must not be read anywhere without a fallback."""
    css = {path.name: path.read_text(encoding="utf-8") for path in dist.glob("*.css")}
    declared = set(re.findall(r"(--[\w-]+)\s*:", "".join(css.values())))
    read = set(re.findall(r"var\((--ds-(?:color|size|font|border)[\w-]*)\)", "".join(css.values())))
    assert read - declared == set()


def test_the_world_is_cut_at_180_degrees(dist):
    """No edge may run across the whole map: that is how Russia once smeared over the Atlantic."""
    world = json.loads((dist / "countries.json").read_text(encoding="utf-8"))
    assert len(world["features"]) > 230
    for feature in world["features"]:
        shape = feature["geometry"]
        parts = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        for ring in (ring for part in parts for ring in part):
            longest = max(abs(a[0] - b[0]) for a, b in pairwise(ring))
            assert longest < 180 or feature["id"] == "010", feature["id"]
            assert ring[0] == ring[-1]


def test_the_map_names_countries_in_both_languages(dist):
    labels = {
        f["properties"]["id"]: f["properties"]
        for f in json.loads((dist / "labels.json").read_text())["features"]
    }
    assert labels["608"]["zh"] == "菲律宾"
    assert labels["608"]["en"] == "Philippines"
    assert labels["643"]["rank"] < labels["702"]["rank"]
