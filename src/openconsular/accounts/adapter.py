"""What allauth does our way: staff accounts are made by an administrator, never by sign-up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class StaffSecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    pass
