"""Organisers come and go: adding one with its first
administrator, closing it with notice, opening it again.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from learning.kit.db import attempt, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.names import LONGEST_ORGANISATION, check_name
from learning.kit.trail import record
from learning.kit.wording import N_, Wording
from learning.office import emails, queries
from learning.organisations.models import Organiser
from learning.organisations.rules import is_slug, plate_of, slug_of
from learning.people.actions import account_for
from learning.people.models import Account, Staff
from learning.people.queries import account_by_mail

BRAND, ACCENT = "#123f8f", "#b8431c"  # the colours of who has not chosen any


@dataclass(frozen=True)
class NewOrganiser:
    """An organiser to be made. Without `slug` or `plate` they are made of the name."""

    name: str
    slug: str = ""
    plate: str = ""
    mail: str = ""
    brand_colour: str = BRAND
    accent_colour: str = ACCENT


@transaction()
def make_organiser(new: NewOrganiser, *, by: int | None, now: datetime) -> Organiser:
    """The organiser, with nobody who works for it yet."""
    check_name(new.name, "organiser", longest=LONGEST_ORGANISATION)
    slug = new.slug or slug_of(new.name)
    if not is_slug(slug):
        words = N_("Use 2 to 40 small letters, digits and hyphens, for example buurtkring-oost.")
        raise Refusal("slug", words, "slug")
    organiser = Organiser(
        slug=slug, name=new.name, plate=new.plate or plate_of(new.name), mail=new.mail,
        brand_colour=new.brand_colour, accent_colour=new.accent_colour,
    )  # fmt: skip
    taken = Refusal(
        "slug_taken", N_("Another organiser has the address %(slug)s. Choose another one."), "slug", slug=slug
    )
    if db.session.scalar(select(Organiser.id).where(Organiser.slug == slug)) is not None:
        raise taken
    try:
        with attempt():
            db.session.add(organiser)
            db.session.flush()
    except IntegrityError:  # somebody took it a moment ago
        raise taken from None
    record("made", organiser, organiser_id=organiser.id, by=by, at=now, words=organiser.name)
    return organiser


@transaction()
def add_organiser(
    new: NewOrganiser, *, admin_name: str, admin_mail: str, language: str, by: Account | None, now: datetime
) -> Organiser:
    """An organiser with its first administrator, who gets a mail with the way to the desk.

    A known account keeps its language, and its name when it has one. `by` is None for a command.
    """
    if admin_name:
        check_name(admin_name, "admin_name")
    organiser = make_organiser(new, by=by.id if by else None, now=now)
    known = account_by_mail(admin_mail)
    account = account_for(admin_mail, now=now)
    if known is None:
        account.language = language
    account.name = account.name or admin_name
    staff = Staff(organiser_id=organiser.id, account_id=account.id, role="admin")
    db.session.add(staff)
    db.session.flush()
    record("made", staff, organiser_id=organiser.id, by=by.id if by else None, at=now, words=account.mail)
    emails.admin_invited(staff, organiser, by=by.name or by.mail if by else "", now=now)
    return organiser


@transaction()
def close_organiser(organiser_id: int, closing: Wording, *, by: Account | None, now: datetime) -> Organiser:
    """Nothing new begins at this organiser from now on; who works there gets a mail with these words.

    What was promised stays: people keep their own pages, calendars, seats and invoices.
    """
    organiser = lock(Organiser, [organiser_id])[0]
    if organiser.closed_at is not None:
        raise Refusal("closed_already", N_("%(name)s is closed already."), name=organiser.name)
    organiser.closed_at, organiser.closing = now, closing
    db.session.flush()
    record(
        "closed", organiser, organiser_id=organiser.id, by=by.id if by else None, at=now, words=organiser.name
    )
    for account in queries.admins_of(organiser.id):
        emails.closed(account, organiser, now=now)
    return organiser


@transaction()
def reopen_organiser(organiser_id: int, *, by: Account | None, now: datetime) -> Organiser:
    """Take the closing back; who works there is told."""
    organiser = lock(Organiser, [organiser_id])[0]
    if organiser.closed_at is None:
        raise Refusal("open_already", N_("%(name)s is open already."), name=organiser.name)
    organiser.closed_at, organiser.closing = None, Wording()
    db.session.flush()
    record(
        "reopened",
        organiser,
        organiser_id=organiser.id,
        by=by.id if by else None,
        at=now,
        words=organiser.name,
    )
    for account in queries.admins_of(organiser.id):
        emails.reopened(account, organiser, now=now)
    return organiser
