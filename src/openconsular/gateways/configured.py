"""The gateways of this installation, made from its settings once a process.

In a drill's room every gateway is bound to sinks: it hands over to nothing that does not call itself one. In
service, exercise messages get a console twin, and the live gateway refuses them should one stray there.
"""

import functools
from typing import Literal

from django.conf import settings

from openconsular.gateways.base import ExerciseOnly, Gateway, TwoWayGateway
from openconsular.gateways.email.console import ConsoleEmail
from openconsular.gateways.email.smtp import open_smtp
from openconsular.gateways.sms.console import ConsoleSms
from openconsular.gateways.sms.smpp import open_smpp

ChannelName = Literal["sms", "email"]


@functools.cache
def gateway_for(channel: ChannelName, *, exercise: bool = False) -> Gateway:
    """The way out for a channel. An exercise gets one that reaches nobody, whatever is configured."""
    if settings.IS_DRILL:
        return ExerciseOnly(_configured(channel, live=False))
    if exercise:
        return ExerciseOnly(_console(channel))
    return _configured(channel, live=True)


@functools.cache
def two_way_sms() -> TwoWayGateway | None:
    """The SMS gateway as a listener, or None where none is configured."""
    if not settings.SMS_URL:
        return None
    return open_smpp(settings.SMS_URL, settings.SMS_SENDER, live=not settings.IS_DRILL)


def _configured(channel: ChannelName, *, live: bool) -> Gateway:
    if channel == "sms":
        return (
            open_smpp(settings.SMS_URL, settings.SMS_SENDER, live=live)
            if settings.SMS_URL
            else _console(channel)
        )
    return (
        open_smtp(settings.EMAIL_URL, settings.EMAIL_FROM, live=live)
        if settings.EMAIL_URL
        else _console(channel)
    )


def _console(channel: ChannelName) -> Gateway:
    return ConsoleSms() if channel == "sms" else ConsoleEmail()
