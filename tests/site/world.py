"""Programmes of every kind, released, as the tests of the public pages need them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event as events

from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.organisations.models import OrganisationAlias, Organiser
from learning.organisations.rules import search_key
from learning.programmes.models import Module, Programme, Session
from learning.releases.models import OfferedSession
from tests.make import (
    make_agenda_item,
    make_meeting,
    make_organisation,
    make_organiser,
    make_part,
    make_programme,
    make_round,
    make_session,
    make_speaker,
    make_tariff,
    make_theme,
    make_venue,
    make_workshop,
    release,
)


def make_day(organiser: Organiser | None = None, slug: str = "dag", **columns: Any) -> Programme:
    """A released day of two rounds: 1.01 (two places) about
    safety, 1.02 without limit, 2.01 closed, 2.02 as 1.01.
    """
    organiser = organiser or make_organiser(name="Kring Noord")
    sane: dict[str, Any] = {"slug": slug, "title": Wording("Dag van de Straat", "Day of the Street")}
    sane |= {"summary": Wording("Een dag over wonen.", "A day about living.")}
    programme = make_programme(organiser, **{**sane, **columns})
    venue = make_venue(
        organiser, street="Markt 1", postcode="1234 AB", access=Wording("De deur aan de zijkant is breed.")
    )
    meeting = make_meeting(programme, end="", venue_id=venue.id)
    speaker = make_speaker(
        organiser, "Renée van der Plas", function=Wording("wijkmanager"), affiliation="Woonbron"
    )
    opening = make_agenda_item(meeting, "11:00", title=Wording("Opening"))
    make_part(opening, speaker, role="day_host")
    first, second = make_round(meeting), make_round(meeting)
    theme = make_theme(organiser, "veiligheid", name=Wording("Veiligheid", "Safety"))
    safe = make_workshop(
        programme.id, "Veilig op straat", theme_id=theme.id, abstract_html=Wording("<p>Over de straat.</p>")
    )
    one = make_session(first, capacity=2, workshop=safe)
    make_part(one, speaker, affiliation="Woonbron")
    make_session(first, title="Praten met de buren")
    make_session(second, capacity=0, title="Dicht")
    make_session(second, capacity=9, workshop=safe)
    release(programme)
    return programme


def make_community(organiser: Organiser, slug: str = "leren") -> Programme:
    """A released learning community: one meeting past, one
    next in another city, one without a day or place.
    """
    programme = make_programme(
        organiser,
        kind="learning_community",
        slug=slug,
        title=Wording("Samen leren", "Learning together"),
        by_delegation=True,
        seats_min=2,
        seats_max=3,
        questions=["Hoe houden we huizen warm?", "Wie doet er mee?"],
    )
    for number, (on, city) in enumerate(
        ((date(2026, 11, 2), "Arnhem"), (date(2027, 1, 14), "Zwolle"), (None, "")), 1
    ):
        venue = make_venue(organiser, city) if city else None
        make_meeting(programme, on=on, title=Wording(f"Keer {number}"), venue_id=venue.id if venue else None)
    make_tariff(programme, 2500, audience="partner", vat_category=None, vat_rate=None)
    make_tariff(programme, 3000, audience="other", vat_category=None, vat_rate=None)
    release(programme)
    return programme


def make_network(organiser: Organiser, slug: str = "net") -> Programme:
    """A released network meeting that is over, free for partners."""
    title = Wording("Digitaal samen", "Digital together")
    programme = make_programme(organiser, kind="network_meeting", slug=slug, title=title)
    meeting = make_meeting(programme, on=date(2017, 1, 26), start="13:00", end="")
    make_agenda_item(meeting, "13:00", title=Wording("Welkom"))
    make_agenda_item(meeting, "13:30", kind="break", title=Wording("Pauze"))
    make_tariff(programme, 0, unit="person", audience="partner")
    make_tariff(programme, 395, unit="person", audience="other")
    release(programme)
    return programme


def make_training(organiser: Organiser, slug: str = "les") -> Programme:
    """A released training with one module, without dates or price."""
    programme = make_programme(
        organiser, kind="training", slug=slug, title=Wording("Slimme stad", "Smart city")
    )
    goals = ["placemaking kennen", "coalities vormen"]
    words = {"title": Wording("Innovatie"), "text_html": Wording("<p>Vijf begrippen.</p>")}
    _add(Module(programme_id=programme.id, position=1, goals=goals, **words))
    release(programme)
    return programme


def make_cities(organiser: Organiser) -> None:
    """'s-Hertogenbosch, partner and also called Den Bosch; Súdwest-Fryslân, no partner."""
    city = make_organisation(organiser, "'s-Hertogenbosch", partner_from=date(2020, 1, 1))
    ids = {"organiser_id": organiser.id, "organisation_id": city.id}
    _add(OrganisationAlias(name="Den Bosch", search_key=search_key("Den Bosch"), **ids))
    make_organisation(organiser, "Súdwest-Fryslân")


@transaction()
def take(session_id: int, taken: int, waiting: int = 0) -> None:
    """So many places of the session are taken."""
    row = db.session.get_one(OfferedSession, session_id)
    row.taken, row.waiting = taken, waiting


@transaction()
def change(row: Any, **columns: Any) -> None:
    """Change a row at the desk."""
    kept = db.session.get_one(type(row), row.id)
    for name, value in columns.items():
        setattr(kept, name, value)


@transaction()
def _add(row: Any) -> None:
    db.session.add(row)


def sessions_of(programme: Programme) -> dict[str, Session]:
    """The desk's sessions by code."""
    rows = db.session.query(Session).filter_by(programme_id=programme.id).all()
    return {f"{row.round.number}.{row.number:02d}": row for row in rows}


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The reads that happen inside, through SQLAlchemy and past it."""
    from learning.site import queries

    statements: list[str] = []
    fast = queries.fast_rows

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split()[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            statements.append(statement)

    def noted(sql: str, values: Any = ()) -> Any:
        statements.append(sql)
        return fast(sql, values)

    events.listen(db.engine, "before_cursor_execute", note)
    with monkeypatch.context() as patch:
        patch.setattr(queries, "fast_rows", noted)
        yield statements
    events.remove(db.engine, "before_cursor_execute", note)
