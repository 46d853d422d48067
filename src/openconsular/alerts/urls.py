"""Addresses of the alerts: the duty room's pages and the answer page."""

from django.urls import URLPattern, URLResolver, path

from openconsular.alerts.views import answer, console, desk, live, own, people, replies, sending

INCIDENT = "console/incidents/<int:incident_id>/"
PERSON = f"{INCIDENT}people/<int:recipient_id>/"
WARNING = "console/warnings/<int:warning_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/help/", own.ask_for_help, name="me-help"),
    path("console/", console.console, name="console"),
    path("console/approvals/", console.approvals, name="approvals"),
    path("console/replies/", replies.replies, name="replies"),
    path("console/replies/<int:reply_id>/settle/", replies.settle, name="reply-settle"),
    path("console/sending/stop/", console.stop_sending, name="sending-stop"),
    path("console/sending/resume/", console.resume_sending, name="sending-resume"),
    path("console/hazards/<int:hazard_id>/incident/", live.incident_of_hazard, name="incident-of-hazard"),
    path(INCIDENT, console.incident, name="incident"),
    path(f"{INCIDENT}stream/", live.stream, name="incident-stream"),
    path(f"{INCIDENT}parts/", live.parts, name="incident-parts"),
    path(f"{INCIDENT}area.geojson", live.area, name="incident-area"),
    path(f"{INCIDENT}cells.geojson", live.cells, name="incident-cells"),
    path(f"{INCIDENT}propose/", console.propose_more, name="incident-propose"),
    path(f"{INCIDENT}close/", console.close, name="incident-close"),
    path(f"{INCIDENT}people/", people.people, name="incident-people"),
    path(f"{INCIDENT}people/export.csv", people.export, name="incident-people-export"),
    path(PERSON, people.person, name="incident-person"),
    path(f"{PERSON}answer/", people.note_answer, name="incident-person-answer"),
    path(f"{PERSON}answer/<int:answer_id>/undo/", people.undo_answer, name="incident-person-undo"),
    path(WARNING, desk.warning, name="warning"),
    path(f"{WARNING}area.geojson", live.warning_area, name="warning-area"),
    path(f"{WARNING}save/", desk.save, name="warning-save"),
    path(f"{WARNING}check/<str:language>/", desk.check, name="warning-check"),
    path(f"{WARNING}recount/", desk.recount, name="warning-recount"),
    path(f"{WARNING}send/", sending.send, name="warning-send"),
    path(f"{WARNING}approve/", sending.approve, name="warning-approve"),
    path(f"{WARNING}send-back/", sending.send_back, name="warning-send-back"),
    path(f"{WARNING}discard/", desk.discard, name="warning-discard"),
    path(f"{WARNING}restore/", desk.restore, name="warning-restore"),
    path(f"{WARNING}stop/", desk.stop, name="warning-stop"),
    # Short on purpose: every character of it travels in an SMS.
    path("a/<str:token>", answer.answer, name="answer"),
    path("a/<str:token>/undo", answer.undo, name="answer-undo"),
    path("a/", answer.stray, name="answer-stray"),
]
