"""Commands: prepare the database, load the demo, do the work that waits."""

import time
from datetime import date, datetime

import click
from flask import Flask, current_app

from learning import migrate
from learning.kit import jobs
from learning.kit.errors import Refusal


def add_commands(app: Flask) -> None:
    """Register the commands with the app."""
    for command in (prepare, work, sweep, demo):
        app.cli.add_command(command)


@click.command()
def prepare() -> None:
    """Make the database, or bring it to this version."""
    before = migrate.current()
    migrate.upgrade()
    click.echo("The database is up to date." if before == migrate.head() else "The database is prepared.")


@click.command()
def work() -> None:
    """Send mail and make documents until told to stop."""
    jobs.work(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command()
def sweep() -> None:
    """Do what waits, and stop."""
    while jobs.sweep():
        time.sleep(jobs.SOON)


@click.command()
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day as of which the demo is loaded.")
def demo(today: datetime | None) -> None:
    """Load the demo into an empty database."""
    from learning.demo.load import load

    try:
        load(today.date() if today else date.today(), out=click.echo)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None
