"""The few messages the registry sends by itself. None of them has a link: a code in a link is a code for whoever has it."""

from django.utils.translation import gettext as _

from openconsular.foundation import profile
from openconsular.gateways.base import OutgoingMessage


def code_message(key: str, kind: str, address: str, code: str) -> OutgoingMessage:
    """A one-time code, in the language in force."""
    rules = profile.current()
    text = _("%(code)s is your code for %(service)s. It is valid for 10 minutes. Tell it to nobody.") % {
        "code": code,
        "service": rules.service_name,
    }
    return OutgoingMessage(
        key=key, address=address, text=text, subject=_("Your code") if kind == "email" else ""
    )


def change_message(key: str, kind: str, address: str) -> OutgoingMessage:
    """Word that the phones or e-mail addresses of a registration changed."""
    rules = profile.current()
    text = _(
        "%(service)s: the phones or e-mail addresses of your registration were changed. If it was not you, call %(hotline)s."
    ) % {"service": rules.service_name, "hotline": rules.hotline}
    subject = _("Your contacts were changed") if kind == "email" else ""
    return OutgoingMessage(key=key, address=address, text=text, subject=subject)
