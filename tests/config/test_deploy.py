"""The files under deploy/ name only what there is: variables, commands, options."""

import json
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import load_command_class

from openconsular.config import env

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = [path for path in DEPLOY.rglob("*") if path.is_file()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_exists(path):
    named = set(re.findall(r"\b(?:OPENCONSULAR|DATABASE)_[A-Z_]+", path.read_text()))
    assert named <= set(env.VARIABLES)


def commands():
    for path in DEPLOY.glob("systemd/*.part"):
        yield shlex.split(re.fullmatch(r'PART="(.*)"\n?', path.read_text())[1])
    compose = (DEPLOY / "compose.yaml").read_text()
    yield from map(json.loads, re.findall(r"command: (\[.*\])", compose))


@pytest.mark.parametrize("arguments", list(commands()), ids=" ".join)
def test_every_command_takes_its_options(arguments):
    name, *options = arguments
    command = load_command_class("openconsular.foundation", name)
    command.create_parser("openconsular", name).parse_args(options)


def test_the_proxy_in_front_of_the_containers_is_the_one_believed():
    """Else everybody seems to ask from one address, and the rations made for one are used up by all."""
    compose = (DEPLOY / "compose.yaml").read_text()
    subnet = re.search(r"subnet: ([\d.]+)\.0/24", compose)[1]
    assert f"OPENCONSULAR_PROXIES: {subnet}.1" in compose
    assert f"gateway: {subnet}.1" in compose
