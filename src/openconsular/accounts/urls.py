"""Addresses of this room: allauth's pages of sign-in (only those we use, under its names) and our own."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from openconsular.accounts.views import audit, sign_in, staff

ONE = "staff/people/<int:officer_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/", sign_in.start, name="staff-start"),
    path("staff/login/", account.login, name="account_login"),
    path("staff/logout/", sign_in.SignOutView.as_view(), name="account_logout"),
    path("staff/inactive/", account.account_inactive, name="account_inactive"),
    path("staff/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("staff/password/", account.password_change, name="account_change_password"),
    path("staff/password/set/", account.password_set, name="account_set_password"),
    path("staff/security/", include("allauth.mfa.urls")),
    path("staff/welcome/<str:token>/", sign_in.welcome, name="staff-welcome"),
    path("staff/people/", staff.staff_list, name="staff"),
    path("staff/people/add/", staff.add, name="staff-add"),
    path(ONE, staff.officer_page, name="staff-officer"),
    path(f"{ONE}role/", staff.change_role, name="staff-role"),
    path(f"{ONE}deactivate/", staff.change_access, {"change": "deactivate"}, name="staff-deactivate"),
    path(f"{ONE}reactivate/", staff.change_access, {"change": "reactivate"}, name="staff-reactivate"),
    path(f"{ONE}reset/", staff.change_access, {"change": "reset"}, name="staff-reset"),
    path("staff/audit/", audit.audit_list, name="audit"),
    path("staff/audit/verify/", audit.verify, name="audit-verify"),
    path("staff/audit/export.csv", audit.export, name="audit-export"),
]
