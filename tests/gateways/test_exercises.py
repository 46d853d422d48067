"""The walls between an exercise and the world."""

import pytest

from openconsular.gateways.base import ExerciseOnly, LiveGatewayRefused, OutgoingMessage
from openconsular.gateways.email.smtp import open_smtp
from openconsular.gateways.sinks.smsc import SmscSink
from openconsular.gateways.sinks.smtp import SmtpSink
from openconsular.gateways.sms.console import ConsoleSms
from openconsular.gateways.sms.smpp import open_smpp
from tests.gateways import rigs

MESSAGE = OutgoingMessage("k", "+8613012345678", "Exercise", exercise=True)


class Turncoat(ConsoleSms):
    """A gateway that becomes live after the door was made."""

    live = False


def test_a_gateway_that_becomes_live_is_refused_at_the_next_message() -> None:
    gateway = Turncoat()
    door = ExerciseOnly(gateway)
    assert door.hand_over([MESSAGE])[0].state == "accepted"
    gateway.live = True
    with pytest.raises(LiveGatewayRefused):
        door.hand_over([MESSAGE])
    assert len(gateway.sent) == 1


def test_a_drill_pointed_at_a_real_mail_server_by_mistake_sends_nothing() -> None:
    with rigs.smtp_to_aiosmtpd() as rig:
        mistaken = open_smtp(f"smtp://127.0.0.1:{rig.extra['port']}", rigs.SENDER, live=False)
        with pytest.raises(LiveGatewayRefused):
            mistaken.hand_over([OutgoingMessage("k", "a@example.org", "Exercise", exercise=True)])
        assert not rig.arrived()


def test_a_drill_pointed_at_a_real_operator_by_mistake_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openconsular.gateways.sinks.peer.DRILL_MARK", "OPERATOR")
    with SmscSink() as sink:
        gateway = open_smpp(f"smpp://127.0.0.1:{sink.port}", "12308", live=False)
        with pytest.raises(LiveGatewayRefused):
            gateway.hand_over([MESSAGE])
        assert sink.counters.submitted == 0


@pytest.mark.parametrize("sink", [SmscSink, SmtpSink])
def test_sinks_listen_on_loopback_only(sink: type[SmscSink]) -> None:
    with pytest.raises(ValueError, match="loopback"):
        sink("192.0.2.1")
