"""Asking for work to be done later, without knowing who does it: actions stand below jobs and name them."""

from django.db import transaction
from procrastinate.contrib.django import app

from openconsular.foundation import jobs


def send_code(code_id: int) -> None:
    _after_commit("citizens.send_code", jobs.URGENT, code_id=code_id)


def tell_of_change(person_id: int) -> None:
    _after_commit("citizens.tell_of_change", jobs.BULK, person_id=person_id)


def _after_commit(name: str, queue: str, **ids: int) -> None:
    transaction.on_commit(lambda: app.configure_task(name, queue=queue).defer(**ids))
