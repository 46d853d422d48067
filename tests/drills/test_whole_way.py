"""The main job from one command: published alerts in, and at the end everybody in their way is accounted for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FIGURES = {
    "registered",
    "affected",
    "warned",
    "answered",
    "safe",
    "help",
    "elsewhere",
    "silent",
    "cases",
    "lost",
    "duplicates",
    "seconds_to_first",
    "seconds_to_last",
}


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["gorkha-earthquake", "typhoon-luzon"])
def test_a_drill_accounts_for_everybody_in_the_way(scenario, tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "OPENCONSULAR_STATE": str(tmp_path / "s"),
    }
    command = [sys.executable, "-m", "openconsular.config.main", "drill", scenario]
    ended = subprocess.run(
        [*command, "--people", "1500", "--speed", "900", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    said = json.loads(ended.stdout)
    assert said.keys() >= FIGURES
    assert said["registered"] == 1500
    assert 0 < said["affected"] < 1500
    assert said["affected"] == said["safe"] + said["help"] + said["elsewhere"] + said["silent"]
    assert said["answered"] == said["safe"] + said["help"] + said["elsewhere"]
    assert said["warned"] == said["affected"]
    # A party that asks for help together has one case, and a case stays when its people turn out to be safe: `lost`
    # counts whoever needs help and has none.
    assert said["cases"] > 0 or said["help"] == 0
    assert (said["lost"], said["duplicates"]) == (0, 0)
    assert 0 < said["seconds_to_first"] <= said["seconds_to_last"]
    report = Path(said["report"])
    assert report.read_text(encoding="utf-8").count("<table") >= 2
    assert report.with_suffix(".pdf").read_bytes().startswith(b"%PDF-")
