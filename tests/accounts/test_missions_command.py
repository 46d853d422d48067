"""`openconsular missions` is what an installation runs after every change of its profile."""

import pytest
from django.core.management import call_command

from openconsular.accounts import queries
from openconsular.foundation import profile


@pytest.mark.django_db
def test_missions_follow_the_profile(settings, capsys):
    call_command("missions")
    count = len(profile.load("cn").missions)
    assert capsys.readouterr().out == f"{count} missions, {count} of them new or changed.\n"
    call_command("missions")
    assert capsys.readouterr().out == f"{count} missions, 0 of them new or changed.\n"
    settings.PROFILE = "xa"
    call_command("missions", verbosity=0)
    assert capsys.readouterr().out == ""
    assert queries.mission_for("PH", "PH-07").names == {
        "ar": "قنصلية زانادا في سيبو",
        "fr": "Consulat de Xanada à Cebu",
    }
    assert queries.mission_for("AU", "AU-02") is None
