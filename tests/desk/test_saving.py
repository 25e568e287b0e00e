"""Saving rows at the desk."""

import pytest
from flask import Flask

from learning.desk import removing, saving
from learning.desk.kind import KINDS
from learning.desk.reading import mark, shown
from learning.kit.db import db
from learning.kit.errors import Refusal
from tests.make import NOON, make_account, make_organiser, make_staff, make_venue


def test_a_row_that_was_taken_away_meanwhile_is_said_so(app: Flask):
    organiser, account = make_organiser(), make_account("s@x.example")
    make_staff(organiser, account)
    venue, values = make_venue(organiser), {"name": "A", "street": "", "postcode": "", "city": ""}
    seen, id, by, owner = mark(shown(venue, values)), venue.id, account.id, organiser.id
    removing.remove(owner, None, venue, by=by, now=NOON)

    with pytest.raises(Refusal) as refusal:
        saving.save(KINDS["venues"], owner, None, id, values, seen=seen, by=by, now=NOON)

    assert refusal.value.code == "gone_meanwhile"
    db.session.rollback()
