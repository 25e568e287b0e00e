"""Who is signed in cannot flood an address by inviting and withdrawing, or by many names for one address."""

import pytest
from flask import Flask

from learning.kit.errors import Refusal
from learning.people import colleagues, invitations
from learning.people.contacts import appoint
from tests.attendance.event import NOON
from tests.make import make_account, make_organisation, make_organiser, make_staff


def test_an_invitation_sent_and_withdrawn_again_and_again(app: Flask) -> None:
    organiser, admin = make_organiser(), make_account("admin@x.example")
    make_staff(organiser, admin, "admin")
    for _ in range(10):
        asked = invitations.invite(
            organiser.id, "ann@x.example", "", "reader", language="nl", by=admin, now=NOON
        )
        invitations.withdraw(asked, by=admin, now=NOON)
    with pytest.raises(Refusal) as refused:
        invitations.invite(organiser.id, "ann@x.example", "", "reader", language="nl", by=admin, now=NOON)
    assert refused.value.code == "too_often"
    assert colleagues.invitations_of(organiser.id) == []
    for n in range(60):
        invitations.invite(organiser.id, f"p{n}@x.example", "", "reader", language="nl", by=admin, now=NOON)


def test_many_names_for_one_address(app: Flask) -> None:
    organiser, carla = make_organiser(), make_account("carla@x.example")
    city = make_organisation(organiser, "Ede")
    for n in range(10):
        appoint(city, f"Naam {'abcdefghij'[n]}", "ann@x.example", language="nl", by=carla, now=NOON)
    with pytest.raises(Refusal) as refused:
        appoint(city, "Nog een", "ann@x.example", language="nl", by=carla, now=NOON)
    assert refused.value.code == "too_often"
