"""Changing the registry: the only way in for the apps above."""

from openconsular.citizens.actions.codes import Proven, actor_of, check_code, request_code, sign_in
from openconsular.citizens.actions.consent import PURPOSES, give_consent, withdraw_consent
from openconsular.citizens.actions.contacts import add_contact, remove_contact, set_trusted_contact
from openconsular.citizens.actions.crisis import enter_crisis_form
from openconsular.citizens.actions.erasure import (
    Forgotten,
    delete_everything,
    remove_companion,
    retention,
)
from openconsular.citizens.actions.people import add_companion, change_person, register_citizen
from openconsular.citizens.actions.stays import (
    RemovedTrip,
    add_leg,
    add_residence,
    add_trip,
    change_leg,
    end_residence,
    end_trip,
    move_residence,
    remove_trip,
    report_position,
)
from openconsular.citizens.actions.synthetic import load_synthetic
from openconsular.citizens.entries import ContactFacts, PersonFacts, StayFacts, phone_or_email
from openconsular.citizens.rationing import Ration, TooMany
from openconsular.citizens.rationing import use as use_ration

__all__ = [
    "PURPOSES",
    "ContactFacts",
    "Forgotten",
    "PersonFacts",
    "Proven",
    "Ration",
    "RemovedTrip",
    "StayFacts",
    "TooMany",
    "actor_of",
    "add_companion",
    "add_contact",
    "add_leg",
    "add_residence",
    "add_trip",
    "change_leg",
    "change_person",
    "check_code",
    "delete_everything",
    "end_residence",
    "end_trip",
    "enter_crisis_form",
    "give_consent",
    "load_synthetic",
    "move_residence",
    "phone_or_email",
    "register_citizen",
    "remove_companion",
    "remove_contact",
    "remove_trip",
    "report_position",
    "request_code",
    "retention",
    "set_trusted_contact",
    "sign_in",
    "use_ration",
    "withdraw_consent",
]
