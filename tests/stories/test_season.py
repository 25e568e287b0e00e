"""A season of a learning community: cities that pay what held when they registered, other people
each time, seats that go on, a contact person who leaves, and two cities that become one halfway.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask, g
from flask.testing import FlaskClient

from learning.billing import actions as billing
from learning.billing.queries import chargeable
from learning.delegations import actions, joining, passing_on, substituting
from learning.delegations import board as delegations_board
from learning.delegations.models import Delegation
from learning.insights.reports import report_of
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.network import contacts, merging
from learning.organisations.models import Organisation, Partnership
from learning.organisations.queries import find_city
from learning.people.models import Account, Contact
from tests.browse import form_of, send, words_of
from tests.delegations.community import letters
from tests.make import (
    enter,
    make_account,
    make_contact,
    make_meeting,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    make_staff,
    make_tariff,
    release,
)

DAYS = [date(2027, month, 14) for month in (1, 2, 3, 4, 5)]
AUTUMN = datetime(2026, 11, 24, 12, tzinfo=UTC)


def sign_in(app: Flask, account: Account) -> FlaskClient:
    """A browser in which this account is signed in."""
    return enter(app.test_client(), account)


class Season:
    """Five meetings; names close a week before each.

    Zutphen is partner and known, Ede and Lunteren are not.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.organiser = make_organiser("kring")
        rules = {"seats_min": 2, "seats_max": 3, "late_substitutes": True, "seats_go_on": True}
        self.programme = make_programme(
            self.organiser, kind="learning_community", slug="leren", by_delegation=True, **rules
        )
        self.meetings = [
            make_meeting(
                self.programme,
                on=on,
                nominations_close_at=datetime(on.year, on.month, on.day - 7, 16, tzinfo=UTC),
            )
            for on in DAYS
        ]
        for audience, amount in (("partner", 2500), ("other", 3000)):
            make_tariff(self.programme, amount, audience=audience)
        release(self.programme)
        self.staff = make_account("staf@kring.example", name="Mila")
        make_staff(self.organiser, self.staff, "admin")
        self.zutphen = make_organisation(self.organiser, "Zutphen", partner_from=date(2020, 1, 1))
        self.carla = make_account("carla@zutphen.example", name="Carla")
        make_contact(self.zutphen, make_person(self.organiser, "Carla", self.carla.mail))
        self.ede = make_organisation(self.organiser, "Ede")
        self.dirk = make_account("dirk@ede.example", name="Dirk")

    def register(self, city: str, account: Account) -> Delegation:
        """Through the pages: the price is seen and agreed with."""
        browser, url = sign_in(self.app, account), "/nl/programmes/leren/delegation"
        shown = send(browser, url, city=city, name=account.name)
        done = browser.post(url, data=form_of(shown.text)["values"] | {"accept": "y"})
        return db.session.get_one(Delegation, int(done.location.rpartition("/")[2]))

    def send(self, delegation: Delegation, meeting: int, *names: str, by: Account, now: datetime) -> None:
        """These people go to a meeting."""
        for name in names:
            mail = f"{name.lower()}@x.example"
            actions.nominate(
                delegation,
                self.meetings[meeting].id,
                name=name,
                mail=mail,
                capacity="resident",
                by=by,
                now=now,
            )

    def there(self, delegation: Delegation, meeting: int) -> list[str]:
        """Who is sent to a meeting."""
        db.session.rollback()
        board = delegations_board.delegation_board(delegation, now=AUTUMN).meetings[meeting]
        return sorted(row.person.name for row in board.running)


@transaction()
def become_partner(city: Organisation, on: date) -> None:
    """From this day on."""
    db.session.add(Partnership(organiser_id=city.organiser_id, organisation_id=city.id, from_on=on))


def test_a_season(app: Flask):
    with time_machine.travel(AUTUMN, tick=False) as clock:
        season = Season(app)
        zutphen, ede = season.register("Zutphen", season.carla), season.register("gemeente Ede", season.dirk)
        joining.confirm(ede, by=season.staff, now=AUTUMN)

        # Ede becomes partner: what was agreed stays, for it and for the invoice
        become_partner(season.ede, date(2026, 12, 1))
        clock.move_to(datetime(2026, 12, 10, 12, tzinfo=UTC))
        assert [str(row.price_amount) for row in (zutphen, ede)] == ["2500.00", "3000.00"]
        assert "€ 3.000,00" in words_of(sign_in(app, season.dirk).get(f"/nl/delegations/{ede.id}").text)
        line = chargeable(ede)
        assert line is not None
        assert line.net == Decimal(3000)
        with pytest.raises(Refusal, match="takes part already"):
            joining.register_delegation(
                delegations_board.delegation_board(ede, now=AUTUMN).picture, season.ede, account=season.dirk,
                name="Dirk", price=None,
                language="nl", now=datetime(2026, 12, 10, 12, tzinfo=UTC),
            )  # fmt: skip

        # other people each time
        now = datetime(2026, 12, 10, 12, tzinfo=UTC)
        season.send(zutphen, 0, "Anna", "Bas", "Cor", by=season.carla, now=now)
        actions.repeat_team(zutphen, season.meetings[0].id, season.meetings[1].id, by=season.carla, now=now)
        season.send(zutphen, 2, "Dora", "Emiel", by=season.carla, now=now)
        season.send(ede, 0, "Fay", "Gijs", "Hans", by=season.dirk, now=now)
        assert season.there(zutphen, 1) == ["Anna", "Bas", "Cor"]

        # the deadline closes names; a substitute comes on the last evening
        late = datetime(2027, 1, 8, 12, tzinfo=UTC)
        bas = next(
            row
            for row in delegations_board.delegation_board(zutphen, now=late).meetings[0].running
            if row.person.name == "Bas"
        )
        with pytest.raises(Refusal, match="Names could be given until"):
            actions.withdraw_nomination(bas, by=season.carla, now=late)
        evening = datetime(2027, 1, 13, 22, 30, tzinfo=UTC)
        who = {"name": "Vera", "mail": "vera@x.example", "capacity": "institution"}
        substituting.substitute(bas, **who, by=season.carla, now=evening)
        assert season.there(zutphen, 0) == ["Anna", "Cor", "Vera"]

        # somebody declines, and the contact is told; the seat is given back and goes to the next city
        february = datetime(2027, 1, 20, 12, tzinfo=UTC)
        board = delegations_board.delegation_board(zutphen, now=february).meetings[1]
        actions.answer(board.running[0], comes=False, now=february)
        assert letters()[-1] == ("dropped_out", season.carla.mail)
        season.send(ede, 1, "Fay", "Gijs", "Hans", by=season.dirk, now=february)
        second = season.meetings[1].id
        passing_on.ask(ede, second, by=season.dirk, now=february)
        passing_on.give_back(zutphen, second, by=season.carla, now=february)
        season.send(ede, 1, "Iris", by=season.dirk, now=february)
        assert [len(season.there(row, 1)) for row in (zutphen, ede)] == [2, 4]

        # the contact of Ede leaves: the successor sees everything, the former contact nothing
        eva = make_account("eva@ede.example", name="Eva")
        old = db.session.query(Contact).filter_by(organisation_id=season.ede.id).one()
        contacts.hand_over([old], None, name="Eva", mail=eva.mail, by=season.dirk, now=february)
        page = f"/nl/delegations/{ede.id}"
        assert sign_in(app, eva).get(page).status_code == 200
        for end in ("", "/report", "/report.xlsx"):
            assert sign_in(app, season.dirk).get(page + end).status_code == 404

        # halfway Zutphen becomes part of Ede: both go on with what they paid for
        clock.move_to(datetime(2027, 3, 1, 12, tzinfo=UTC))
        at = datetime(2027, 3, 1, 12, tzinfo=UTC)
        actions.set_reference(zutphen, order_ref="4500-7", buyer_ref="", by=season.carla, now=at)
        billing.issue(billing.draft_invoice(zutphen, by=season.staff, now=at), by=season.staff, now=at)
        cities = [db.session.get_one(Organisation, row.id) for row in (season.ede, season.zutphen)]
        merging.merge(
            season.organiser.id,
            cities[0].id,
            cities[1].id,
            (),
            seen=merging.seen_of(*cities),
            by=season.staff.id,
            now=at,
        )
        found = find_city(season.organiser.id, "Zutphen")
        assert found is not None
        assert found.name == "Ede"
        for account in (season.carla, eva):
            words = words_of(sign_in(app, account).get("/nl/me").text)
            assert "Delegatie Ede (Zutphen)" in words
        zutphen = db.session.get_one(Delegation, zutphen.id, populate_existing=True)
        season.send(zutphen, 3, "Anna", "Zoë", by=season.carla, now=at)
        season.send(db.session.get_one(Delegation, ede.id), 3, "Fay", "Gijs", by=eva, now=at)
        season.send(db.session.get_one(Delegation, ede.id), 4, "Fay", "Gijs", "Jan", by=eva, now=at)
        assert season.there(zutphen, 2) == ["Dora", "Emiel"]

        # after the season each accounts for its own money
        over = datetime(2027, 5, 14, 20, tzinfo=UTC) + timedelta(days=1)
        clock.move_to(over)
        with app.test_request_context("/nl/"):
            g.lang = "nl"
            mine = dict(report_of(zutphen, now=over).figures)
            theirs = dict(report_of(db.session.get_one(Delegation, ede.id), now=over).figures)
        assert (mine["Plekken gebruikt"], mine["Organisatie"]) == ("9 van 14", "Ede (Zutphen)")
        assert mine["Per gebruikte plek tot nu toe"] == "€\xa0277,78"
        assert (theirs["Plekken gebruikt"], theirs["Prijs, exclusief btw"]) == ("12 van 16", "€\xa03.000,00")
