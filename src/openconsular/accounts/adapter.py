"""What allauth does our way: no sign-up, everything audited, secrets sealed.

allauth calls these methods at fixed points and hands in no clock, so they read it themselves.
"""

import base64
import re
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from openconsular.accounts import actions
from openconsular.accounts.models import Officer
from openconsular.accounts.second_factors import CONTEXT
from openconsular.accounts.start import first_page
from openconsular.foundation import profile
from openconsular.foundation.permissions import ANONYMOUS
from openconsular.foundation.secrets import seal, unseal
from openconsular.foundation.staff_pages import actor_of

# Said by the page itself; a banner on top of it would only be in the way.
_UNSAID = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Staff accounts are made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in _UNSAID:
            super().add_message(request, level, message_template, *args, **kwargs)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return first_page(actor_of(request))

    def post_login(self, request: HttpRequest, user: Officer, **kwargs: Any) -> HttpResponse:
        records = get_authentication_records(request, user)
        method = "+".join(record.get("type") or record["method"] for record in records)
        actions.record_sign_in(officer=user, method=method, now=timezone.now())  # noqa: TID251
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Changing factors asks for a fresh proof; having signed in within the last minutes is one."""
        records = get_authentication_records(self.request, self.request.user)
        fresh_since = timezone.now().timestamp() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT  # noqa: TID251
        if any(record["at"] > fresh_since for record in records):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        username = str(credentials.get("username", ""))
        actions.record_refused_sign_in(username=username, by=ANONYMOUS, now=timezone.now())  # noqa: TID251

    def send_notification_mail(self, template_prefix: str, user: Officer, *args: Any, **kwargs: Any) -> None:
        """allauth's word that a factor or password changed ("mfa/email/totp_activated"): into the audit trail."""
        change = template_prefix.rsplit("/", 1)[-1]
        actions.record_factor_change(officer=user, change=change, now=timezone.now())  # noqa: TID251


class StaffSecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of one-time codes and recovery codes are sealed like other personal fields."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text, CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(base64.b64decode(encrypted_text), CONTEXT)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last second factor stays until there is another one."""
        factors = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return settings.IS_DRILL or factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()

    def build_totp_svg(self, url: str) -> str:
        """On white, also where the page is dark."""
        drawn: str = super().build_totp_svg(url)
        return re.sub("(<svg[^>]*>)", r'\1<rect width="100%" height="100%" fill="#fff"/>', drawn, count=1)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": profile.current().service_name}

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("This is your last second factor. Add another one first.")
    }
