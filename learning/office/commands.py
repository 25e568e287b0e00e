"""Commands for scripts: organisers, owners, a link that signs in, and the address of the first start."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from learning.kit import clock
from learning.kit.clock import local
from learning.kit.db import Busy
from learning.kit.errors import Refusal
from learning.kit.forms import colour_of, is_mail_address
from learning.kit.links import absolute
from learning.kit.wording import LANGUAGES, Wording
from learning.office import actions, organisers, queries
from learning.office.rules import START_LIVES
from learning.organisations.models import Organiser
from learning.people.actions import LINK_LIVES, issue_link
from learning.people.models import Account
from learning.people.queries import account_by_mail


def tell_first_start() -> None:
    """Print the address of the first start while nobody
    has begun; or how to name an owner where there is none.
    """
    now = clock.now()
    token = actions.offer_start(now=now)
    if token is not None:
        until = local(now + START_LIVES)
        click.echo("\nNothing is set up yet. Open this address in a browser to begin; it works once,")
        click.echo(f"until {until:%d-%m-%Y %H:%M}, and flask prepare prints a new one:\n")
        click.echo(f"  {absolute('office.first_start', token=token, lang='nl')}\n")
    elif not queries.owners():
        click.echo("This installation has no owner yet. Name one with: flask owner add ADDRESS")


def in_words(command: Callable[..., None]) -> Callable[..., None]:
    """A no is printed, and the command ends with 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from None
        except Busy:
            raise click.ClickException(
                "The database is very busy; nothing was changed. Try again in a moment."
            ) from None

    return run


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not is_mail_address(value.strip()):
        raise click.BadParameter(f"{value} is no e-mail address; give one like name@example.org.")
    return value.strip()


def _colour(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    found = colour_of(value)
    if found is None:
        raise click.BadParameter(f"{value} is no colour; give one like #123f8f.")
    return found


language = click.option(
    "--language", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Of the invitation."
)
named = click.option("--name", "named", default="", help="The person's name.")


@click.group()
def organiser() -> None:
    """Organisers of this installation."""


@organiser.command("add")
@click.argument("name")
@click.option(
    "--admin",
    required=True,
    callback=_address,
    help="Mail address of its first administrator, who is invited.",
)
@named
@click.option("--slug", default="", help="Its name in addresses; else made of NAME.")
@click.option("--plate", default="", help="Letters on its sign; else made of NAME.")
@click.option("--colour", default=organisers.BRAND, callback=_colour, show_default=True, help="First colour.")
@click.option(
    "--accent", default=organisers.ACCENT, callback=_colour, show_default=True, help="Second colour."
)
@language
@in_words
def add_organiser(
    name: str, admin: str, named: str, slug: str, plate: str, colour: str, accent: str, language: str
) -> None:
    """Make the organiser NAME and invite its first administrator by mail."""
    new = organisers.NewOrganiser(_line(name, 120), slug, _line(plate, 4), admin, colour, accent)
    who = {"admin_name": _line(named, 120), "admin_mail": admin, "language": language}
    made = organisers.add_organiser(new, **who, by=None, now=clock.now())
    click.echo(f"{made.name} is made, with the address {made.slug}. {admin} gets a mail.")


@organiser.command("list")
def list_organisers() -> None:
    """Every organiser: its name in addresses, its name, and since when it is closed."""
    for line in queries.organiser_lines():
        row = line.organiser
        closed = f"closed since {local(row.closed_at):%Y-%m-%d}" if row.closed_at else "open"
        click.echo(f"{row.slug}\t{row.name}\t{closed}\t{line.staff} staff\t{line.programmes} programmes")


@organiser.command("close")
@click.argument("slug")
@click.option("--notice", default="", help="What visitors and staff read about it, in Dutch.")
@click.option("--notice-en", default="", help="The same in English.")
@in_words
def close_organiser(slug: str, notice: str, notice_en: str) -> None:
    """Close the organiser SLUG: nothing new begins there,
    its desk can be read only, and its staff get a mail.
    """
    closed = organisers.close_organiser(
        _organiser(slug).id, Wording(notice, notice_en), by=None, now=clock.now()
    )
    click.echo(f"{closed.name} is closed. flask organiser reopen {slug} opens it again.")


@organiser.command("reopen")
@click.argument("slug")
@in_words
def reopen_organiser(slug: str) -> None:
    """Open the closed organiser SLUG again."""
    opened = organisers.reopen_organiser(_organiser(slug).id, by=None, now=clock.now())
    click.echo(f"{opened.name} is open again.")


@click.group()
def owner() -> None:
    """Owners of this installation."""


@owner.command("add")
@click.argument("address", callback=_address)
@named
@language
@in_words
def add_owner(address: str, named: str, language: str) -> None:
    """Make ADDRESS an owner; they get a mail."""
    made = actions.add_owner(_line(named, 120), address, language=language, by=None, now=clock.now())
    click.echo(f"{made.account.mail} is an owner now and gets a mail.")


@owner.command("list")
def list_owners() -> None:
    """Every owner: address, name, since when."""
    for row in queries.owners():
        click.echo(f"{row.account.mail}\t{row.account.name}\tsince {local(row.made_at):%Y-%m-%d}")


@owner.command("remove")
@click.argument("address", callback=_address)
@in_words
def remove_owner(address: str) -> None:
    """Make ADDRESS an owner no more; the last one stays."""
    account = _account(address)
    row = next((row for row in queries.owners() if row.account_id == account.id), None)
    if row is None:
        raise click.ClickException(f"{address} is no owner.")
    actions.remove_owner(row.id, by=None, now=clock.now())
    click.echo(f"{account.mail} is no owner any more.")


@click.command("sign-in-link")
@click.argument("address", callback=_address)
@in_words
def sign_in_link(address: str) -> None:
    """Print a link that signs ADDRESS in once, for when mail does not work. Nobody is made by it."""
    token = issue_link(_account(address), next_url=None, now=clock.now())
    click.echo(absolute("people.sign_in_link", token=token, lang=_account(address).language))
    click.echo(
        f"It works once, for {LINK_LIVES.seconds // 60} minutes. Whoever has it is {address}.", err=True
    )


COMMANDS = (organiser, owner, sign_in_link)


def _account(address: str) -> Account:
    found = account_by_mail(address)
    if found is None:
        raise click.ClickException(f"Nobody signs in with {address}. No account was made.")
    return found


def _organiser(slug: str) -> Organiser:
    found = next((line.organiser for line in queries.organiser_lines() if line.organiser.slug == slug), None)
    if found is None:
        raise click.ClickException(
            f"There is no organiser with the address {slug}. flask organiser list shows all."
        )
    return found


def _line(text: str, most: int) -> str:
    """One line of text as the forms take it."""
    if len(text) > most or any(not c.isprintable() for c in text):
        raise click.ClickException(f"Give at most {most} characters, without line ends: {text!r}")
    return text.strip()
