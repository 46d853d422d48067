"""The door for writing: everything that is done to warnings, answers and incidents."""

from openconsular.alerts.answering import Given, ask_for_help, record_answer, undo_answer
from openconsular.alerts.forgetting import forget_erased, forget_party, forget_positions, forget_replies
from openconsular.alerts.matching import match, match_changed, match_due, match_person
from openconsular.alerts.proposing import edit_texts, propose, propose_more
from openconsular.alerts.releasing import (
    approve,
    discard,
    recount,
    restore,
    resume_sending,
    send_back,
    stop_sending,
    stop_warning,
    submit,
)
from openconsular.alerts.replying import record_replies, settle_unread
from openconsular.alerts.watching import (
    SILENT_AFTER,
    close_incident,
    finish_if_done,
    finish_warnings,
    mark_silent,
)

__all__ = [
    "SILENT_AFTER",
    "Given",
    "approve",
    "ask_for_help",
    "close_incident",
    "discard",
    "edit_texts",
    "finish_if_done",
    "finish_warnings",
    "forget_erased",
    "forget_party",
    "forget_positions",
    "forget_replies",
    "mark_silent",
    "match",
    "match_changed",
    "match_due",
    "match_person",
    "propose",
    "propose_more",
    "record_answer",
    "record_replies",
    "recount",
    "restore",
    "resume_sending",
    "send_back",
    "settle_unread",
    "stop_sending",
    "stop_warning",
    "submit",
    "undo_answer",
]
