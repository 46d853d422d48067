"""A run: warning after warning, something killed in the middle of each, and the verdict."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from openconsular.alerts.claims import LEASE
from openconsular.alerts.deliver import PORTION
from openconsular.alerts.models import Warning
from tests.faults import database, verdict
from tests.faults.database import patiently
from tests.faults.ground import Ground, opened

TURNS = 2
"""Shards a worker has in hand at the same time: the concurrency of the urgent part."""

# A portion is with the gateway and not written down yet; the next one is only marked. One of each for every turn.
MOST_TWICE = {"worker": TURNS * PORTION, "database": TURNS * PORTION, "web": 0, "listener": 0}
ANSWERS_A_WARNING = 120
FINISHED_WITHIN_S = 180.0


@dataclass
class Round:
    number: int
    victim: str
    killed_at: int
    arrived_at_kill: int
    seconds_to_end: float
    ledger: verdict.Ledger


@dataclass
class Result:
    rounds: list[Round] = field(default_factory=list)
    answers: verdict.Answers = field(default_factory=verdict.Answers)
    restarts: dict[str, int] = field(default_factory=dict)
    sabotage: str | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return len(self.rounds)

    def in_words(self) -> list[str]:
        lines = [
            f"{'killed':<10}{'at':>8}{'messages':>10}{'handed':>8}{'twice':>7}{'in doubt':>9}{'refused':>8}{'s':>7}"
        ]
        for one in self.rounds:
            ledger = one.ledger
            lines.append(
                f"{one.victim:<10}{one.arrived_at_kill:>8}{ledger.deliveries:>10}{ledger.handed:>8}"
                f"{ledger.duplicates:>7}{ledger.in_doubt:>9}{ledger.refused:>8}{one.seconds_to_end:>7.1f}"
            )
        answers = self.answers
        lines.append(
            f"answers: {answers.acknowledged} acknowledged over HTTP ({answers.retried} tried again, {answers.doubts} "
            f"in doubt), {answers.by_sms} by SMS, {answers.stored} stored"
        )
        return lines + ([f"FAULT {one}" for one in self.faults] or ["no fault"])


def run(
    *,
    state: Path,
    victims: Sequence[str],
    rounds: int,
    people: int,
    per_second: int,
    seed: int,
    sabotage: str | None,
    say: Callable[[str], None],
) -> Result:
    result = Result(sabotage=sabotage)
    dice = random.Random(seed)
    pace = per_second or max(50, people // 12)
    with opened(state=state, people=people, per_second=pace, seed=seed, say=say) as ground:
        database.weaken(sabotage)
        for number in range(1, rounds + 1):
            try:
                one = _round(ground, number, victims[(number - 1) % len(victims)], dice)
            except TimeoutError as error:
                result.faults.append(f"round {number}: {error}")
                break
            result.rounds.append(one)
            result.faults += [f"round {number} ({one.victim}): {fault}" for fault in _judge(one)]
            say(f"round {number}: {one.victim} killed, {asdict(one.ledger)}, {one.seconds_to_end:.1f} s")
        result.answers = patiently(lambda: verdict.of_answers(ground.people))
        result.faults += result.answers.faults + ground.errors
        result.restarts = {part.name: part.restarts for part in ground.supervisor.parts}
    return result


def _round(ground: Ground, number: int, victim: str, dice: random.Random) -> Round:
    ground.people.expect(ANSWERS_A_WARNING)
    before = ground.arrived()
    warning = ground.warn(number)
    expected = patiently(lambda: warning.deliveries.count())
    moment = int(expected * dice.uniform(0.1, 0.7))
    _until(lambda: ground.arrived() - before >= moment, "the fan-out reached the moment of the kill")
    arrived, began = ground.arrived() - before, time.monotonic()
    ground.kill(victim)
    _until(
        lambda: patiently(lambda: _is_over(warning.pk)) and not ground.people.waiting, "the warning finished"
    )
    seconds = time.monotonic() - began
    # What a dead worker left with the operator may still arrive; receipts and replies have a moment to be stored.
    time.sleep(2)
    ledger = patiently(lambda: verdict.of_warning(warning.pk, ground.people))
    return Round(number, victim, moment, arrived, seconds, ledger)


def _judge(one: Round) -> list[str]:
    faults = list(one.ledger.faults)
    if one.ledger.duplicates > MOST_TWICE.get(one.victim, one.ledger.in_doubt):
        faults.append(f"{one.ledger.duplicates} were told twice, more than can have been on their way")
    if one.ledger.in_doubt > 2 * MOST_TWICE.get(one.victim, one.ledger.deliveries):
        faults.append(f"{one.ledger.in_doubt} in doubt, more than can have been marked")
    return faults


def _is_over(warning_id: int) -> bool:
    return not Warning.objects.filter(pk=warning_id, state=Warning.State.SENDING).exists()


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + FINISHED_WITHIN_S + 2 * LEASE.total_seconds()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"It did not happen in time that {what}.")
        time.sleep(0.05)
