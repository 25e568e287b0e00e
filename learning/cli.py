"""Commands: prepare the database, load the demo, do the work that waits."""


import click
from flask import Flask, current_app

from learning import migrate
from learning.kit import jobs


def add_commands(app: Flask) -> None:
    """Register the commands with the app."""
    for command in (prepare, work, sweep):
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
    """Do once what waits, and stop."""
    jobs.sweep()
