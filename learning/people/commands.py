"""Commands about the colleagues of an organiser, for scripts and for who runs the machine."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import g
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from learning.kit import clock
from learning.kit.clock import local
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.forms import is_mail_address
from learning.organisations.models import Organiser
from learning.people import colleagues
from learning.people.models import Account, Staff, StaffProgramme
from learning.people.roles import ROLES
from learning.people.rules import mail_key

ROLE = click.Choice(list(ROLES))
only = click.option(
    "--programme",
    "programmes",
    multiple=True,
    help="Only for the programme with this name in addresses; again for more.",
)


@click.group()
def staff() -> None:
    """The colleagues of an organiser: add, role, remove, list."""


@staff.command()
@click.argument("organiser")
@click.argument("address")
@click.option("--role", type=ROLE, default="admin", show_default=True)
@click.option("--name", default="", help="The name of the colleague.")
@only
def add(organiser: str, address: str, role: str, name: str, programmes: tuple[str, ...]) -> None:
    """Make the owner of ADDRESS a colleague of ORGANISER at once. No mail is sent."""
    with _refusals():
        owner = _organiser(organiser)
        if not is_mail_address(address):
            raise click.ClickException(f"{address} is no mail address.")
        row = colleagues.employ(owner.id, address, name, role, _ids(owner, programmes), now=clock.now())
        click.echo(_line(row))


@staff.command("role")
@click.argument("organiser")
@click.argument("address")
@click.argument("new", metavar="ROLE", type=ROLE)
@only
def change(organiser: str, address: str, new: str, programmes: tuple[str, ...]) -> None:
    """Give the colleague with ADDRESS another ROLE, for all programmes unless some are named."""
    with _refusals():
        owner = _organiser(organiser)
        row = _colleague(owner, address)
        colleagues.change(row, new, _ids(owner, programmes), now=clock.now())
        click.echo(_line(_colleague(owner, address)))


@staff.command()
@click.argument("organiser")
@click.argument("address")
def remove(organiser: str, address: str) -> None:
    """The colleague with ADDRESS is none any more, and is signed out everywhere."""
    with _refusals():
        colleagues.remove(_colleague(_organiser(organiser), address), now=clock.now())
        click.echo(f"{address} is no colleague of {organiser} any more.")


@staff.command("list")
@click.argument("organiser")
def list_them(organiser: str) -> None:
    """The colleagues of ORGANISER and who is invited:
    address, role, programmes, last seen; separated by tabs.
    """
    with _refusals():
        owner = _organiser(organiser)
        for row in colleagues.staff_of(owner.id):
            click.echo(_line(row))
        for asked in colleagues.invitations_of(owner.id):
            words = colleagues.as_words(asked.role, colleagues.programmes_of(asked))
            click.echo(f"{asked.mail}\t{words}\tinvited")


def _line(row: Staff) -> str:
    words = colleagues.as_words(row.role, colleagues.programmes_of(row))
    seen = local(row.seen_at).date().isoformat() if row.seen_at else "never seen"
    return f"{row.account.mail}\t{words}\t{seen}"


def _organiser(slug: str) -> Organiser:
    found = db.session.scalar(select(Organiser).where(Organiser.slug == slug))
    if found is None:
        raise click.ClickException(f"There is no organiser with the name {slug} in addresses.")
    return found


def _colleague(owner: Organiser, address: str) -> Staff:
    mine = (Staff.organiser_id == owner.id, Staff.ended_at.is_(None), Account.mail_key == mail_key(address))
    found = db.session.scalar(select(Staff).join(Account, Account.id == Staff.account_id).where(*mine))
    if found is None:
        raise click.ClickException(f"{address} is no colleague of {owner.slug}.")
    return found


def _ids(owner: Organiser, slugs: tuple[str, ...]) -> list[int] | None:
    if not slugs:
        return None
    table = StaffProgramme.metadata.tables["programme"]
    ours = (table.c.organiser_id == owner.id, table.c.slug.in_(slugs))
    known: dict[str, int] = dict(db.session.execute(select(table.c.slug, table.c.id).where(*ours)).all())  # type: ignore[arg-type]
    for slug in slugs:
        if slug not in known:
            raise click.ClickException(f"{owner.slug} has no programme with the name {slug} in addresses.")
    return [known[slug] for slug in slugs]


@contextmanager
def _refusals() -> Iterator[None]:
    """Print a refusal in English and end with 1."""
    g.lang = "en"
    try:
        yield
    except Refusal as refusal:
        with force_locale("en"):
            raise click.ClickException(_(refusal.message, **refusal.values)) from None
