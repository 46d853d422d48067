"""However many pictures come at once, few are looked through at a time, and nobody waits for long to be told."""

import threading

import pytest

from openconsular.domain.health.carriers import pictures, turns
from openconsular.domain.health.verdict import Unreadable


def test_a_flood_of_pictures_is_looked_through_two_at_a_time(monkeypatch):
    guard, go_on, outcomes = threading.Lock(), threading.Event(), []
    at_once, most, begun = 0, 0, threading.Semaphore(0)

    def images(data):
        nonlocal at_once, most
        with guard:
            at_once += 1
            most = max(most, at_once)
        begun.release()
        go_on.wait(10)
        with guard:
            at_once -= 1
        return iter(())

    def look():
        try:
            pictures.codes_in(b"any")
        except Unreadable as fault:
            with guard:
                outcomes.append(fault.code)

    monkeypatch.setattr(pictures, "_images", images)
    flood = [threading.Thread(target=look) for _ in range(20)]
    for one in flood:
        one.start()
    for _ in range(turns.AT_ONCE):
        assert begun.acquire(timeout=5)
    turned_away = 20 - turns.AT_ONCE - turns.WAITING_MOST
    while len(outcomes) < turned_away:
        threading.Event().wait(0.01)
    assert outcomes == ["reader-busy"] * turned_away
    go_on.set()
    for one in flood:
        one.join(10)
    assert most == turns.AT_ONCE
    assert outcomes.count("no-code") == turns.AT_ONCE + turns.WAITING_MOST


def test_who_waits_too_long_is_told_and_a_fault_gives_the_turn_back(monkeypatch):
    monkeypatch.setattr(turns, "SECONDS_WAITED", 0.01)
    for _ in range(9):
        with pytest.raises(Unreadable, match="no code"):
            pictures.codes_in(_blank())
    with turns.turn(), turns.turn(), pytest.raises(Unreadable, match="too many"):
        pictures.codes_in(b"any")


def _blank():
    import io

    from PIL import Image

    held = io.BytesIO()
    Image.new("L", (40, 40), 255).save(held, "PNG")
    return held.getvalue()
