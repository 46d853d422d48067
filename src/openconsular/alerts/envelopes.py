"""Which contacts a warning goes to: each person by SMS and by e-mail, companions through their lead, nobody twice."""

from collections import defaultdict

from django.db.models import QuerySet

from openconsular.alerts.models import Channel, Recipient
from openconsular.citizens import queries as citizens

CHANNEL_OF = {"phone": Channel.SMS, "email": Channel.EMAIL}
Envelopes = dict[Channel, list[tuple[int, int, str]]]


def envelopes(people: QuerySet[Recipient]) -> Envelopes:
    """(recipient id, contact id, language) by channel. Those without any contact are in none: they are looked for."""
    rows = list(people.order_by("pk").values_list("pk", "person_id", "party", "language"))
    contacts: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in citizens.contacts_of({person for _, person, _, _ in rows} | {party for *_, party, _ in rows}):
        contacts[row.person_id].append((row.kind, row.contact_id))
    filled: Envelopes = defaultdict(list)
    used: set[int] = set()
    # The lead's own row first, so that a shared phone speaks the lead's language.
    for recipient, person, party, language in sorted(rows, key=lambda row: row[1] != row[2]):
        for kind, contact in contacts.get(person) or contacts.get(party) or ():
            if contact not in used:
                used.add(contact)
                filled[CHANNEL_OF[kind]].append((recipient, contact, language))
    return filled
