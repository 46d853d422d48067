"""Everything runs with nothing configured, and keys are made once and kept to oneself."""

import json
import stat

import pytest

from openconsular.config import env
from openconsular.foundation.database_url import parse
from openconsular.foundation.errors import InvalidInput


@pytest.fixture
def bare(monkeypatch, tmp_path):
    for name in env.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENCONSULAR_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_nothing_needs_to_be_set(bare):
    read = env.read()
    assert (read.profile, read.port, read.is_drill, read.is_debug) == ("cn", 8000, False, False)
    assert read.state == bare


def test_keys_are_made_once_and_private(bare):
    first = env.read().keys
    assert env.read().keys == first
    assert stat.S_IMODE((bare / "secrets.json").stat().st_mode) == 0o600
    assert len(first.field_keys[1]) == len(first.link_key) == len(first.audit_key) == 32
    assert len({first.field_keys[1], first.link_key, first.audit_key, first.lookup_key}) == 4


def test_a_second_process_does_not_make_other_keys(bare):
    bare.mkdir()
    path = bare / "secrets.json"
    env._make_keys(path)
    kept = json.loads(path.read_text())
    env._make_keys(path)
    assert json.loads(path.read_text()) == kept


def test_plain_http_is_for_this_machine_only(bare, monkeypatch):
    assert env.read().is_plain_http
    monkeypatch.setenv("OPENCONSULAR_PUBLIC_URL", "https://consular.example")
    assert not env.read().is_plain_http


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p%40ss@db.example:5433/name", ("name", "u", "p@ss", "db.example", "5433")),
        ("postgres://postgres@/x?host=/run/pg", ("x", "postgres", "", "/run/pg", "")),
    ],
)
def test_database_addresses(url, expected, tmp_path):
    made = parse(url, fallback_socket=tmp_path)
    assert (made["NAME"], made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == expected


def test_another_database_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="postgresql"):
        parse("mysql://localhost/x", fallback_socket=tmp_path)


def test_only_the_proxies_that_were_named_are_believed(bare, monkeypatch):
    assert env.read().proxies == ["127.0.0.1"]
    monkeypatch.setenv("OPENCONSULAR_PROXIES", "172.30.77.1, 10.0.0.0/8")
    assert env.read().proxies == ["172.30.77.1", "10.0.0.0/8"]


def test_the_site_is_served_by_as_many_processes_as_there_are_cores_but_not_by_a_crowd(bare, monkeypatch):
    monkeypatch.setattr(env.os, "cpu_count", lambda: 64)
    assert env.read().web_processes == env.MOST_WEB_PROCESSES
    monkeypatch.setattr(env.os, "cpu_count", lambda: 2)
    assert env.read().web_processes == 2
    monkeypatch.setenv("OPENCONSULAR_WEB_PROCESSES", "12")
    assert env.read().web_processes == 12
