"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from openconsular.casework.views import case, listing, own

ONE = "console/cases/<str:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/cases/", own.own_cases, name="my-cases"),
    path("console/cases/", listing.case_list, name="cases"),
    path("console/cases/export.csv", listing.export, name="cases-export"),
    path(ONE, case.case_page, name="case"),
    path(f"{ONE}take/", case.take, name="case-take"),
    path(f"{ONE}hand-over/", case.hand_over, name="case-hand-over"),
    path(f"{ONE}note/", case.add_note, name="case-note"),
    path(f"{ONE}state/", case.set_state, name="case-state"),
    path(f"{ONE}urgency/", case.set_urgency, name="case-urgency"),
    path(f"{ONE}mission/", case.assign_mission, name="case-mission"),
    path(f"{ONE}close/", case.close, name="case-close"),
    path(f"{ONE}reopen/", case.reopen, name="case-reopen"),
    path(f"{ONE}undo/<int:event_id>/", case.undo, name="case-undo"),
]
