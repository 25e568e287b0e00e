"""Commands for the installation itself: doctor, backup, restore."""

import time
from pathlib import Path

import click
from flask import current_app, g

from learning import migrate
from learning.config import Settings
from learning.kit import clock
from learning.kit.db import db
from learning.kit.installation import of
from learning.office import backups
from learning.office.health import look
from learning.office.manifest import BackupFailed
from learning.office.restoring import restore as put_back
from learning.office.saving import Made, save, save_within

MARKS = {"good": "ok  ", "look": "look", "bad": "BAD "}
KEPT_BEFORE_MIGRATING = 5


@click.command()
def doctor() -> None:
    """Say how this installation stands, and what to do; ends with 1 when something is bad."""
    g.lang = "en"
    findings = look(mail_server_within=5)
    for finding in findings:
        click.echo(f"{MARKS[finding.state]}  {finding.key}: {finding.words % dict(finding.values)}")
        if finding.mend:
            click.echo(f"      {finding.mend % dict(finding.values)}")
    if any(finding.state == "bad" for finding in findings):
        raise SystemExit(1)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--key", help="A public key of age (age1…): the backup can be read with its identity alone.")
@click.option(
    "--keep",
    type=click.IntRange(1),
    help="Make it in a folder of its own in FOLDER, and keep the newest so many.",
)
def backup(folder: Path, key: str | None, keep: int | None) -> None:
    """Make a backup of database, files and settings in FOLDER, while the app runs."""
    settings, now, began = _settings(), clock.now(), time.monotonic()
    key = settings.backup_key if key is None else key
    try:
        if keep is None:
            made = save(settings, folder, key=key, now=now)
        else:
            made = save_within(settings, folder, keep=keep, key=key, now=now)
    except BackupFailed as failed:
        if migrated():
            backups.note(
                at=now, place=str(folder.absolute()), encrypted=bool(key), size=0, failed=str(failed)
            )
        raise click.ClickException(str(failed)) from None
    if migrated():
        note(made)
    _tell(made, time.monotonic() - began)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--identity", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The age identity file."
)
def restore(folder: Path, identity: Path | None) -> None:
    """Put the backup of FOLDER into the empty place that the settings name."""
    db.session.remove()
    db.engine.dispose()
    try:
        done = put_back(
            _settings(), folder, identity=identity.read_text("utf8", "replace") if identity else ""
        )
    except BackupFailed as failed:
        raise click.ClickException(str(failed)) from None
    rows, files = sum(done.manifest.tables.values()), len(done.manifest.parts) - 2
    click.echo(
        f"Restored the backup of {done.manifest.made_at}: {rows} "
        f"rows and {files} files, each compared with its manifest."
    )
    for name in done.manifest.missing:
        click.echo(f"The file {name} was missing already when the backup was made.", err=True)
    click.echo(f"The settings of the machine it comes from are in {done.settings}.")
    if not done.same_key:
        click.echo(
            "LEERKRING_SECRET_KEY is another one now. Put the line "
            "from that file in your settings before you start the app: "
            "without it the secret links that people have do not work.",
        )
    click.echo(
        "Run flask prepare, then start the app. Mail that was "
        "waiting when the backup was made is sent by the worker."
    )


def before_migrating() -> Made:
    """Make the backup that stands in INSTANCE/backups when a new version changes the database.

    Raises ClickException.
    """
    settings = _settings()
    try:
        made = save_within(
            settings, settings.instance / "backups", keep=KEPT_BEFORE_MIGRATING, key=settings.backup_key,
            mark="prepare",
            now=clock.now(),
        )  # fmt: skip
    except BackupFailed as failed:
        raise click.ClickException(f"No backup could be made, so nothing was changed. {failed}") from None
    click.echo(f"A backup of everything as it was is in {made.place}.")
    return made


def note(made: Made) -> None:
    """Remember a backup in the database."""
    backups.note(at=clock.now(), place=str(made.place), encrypted=made.encrypted, size=made.size)


def migrated() -> bool:
    """The database has the tables of this version, so that something can be noted in it."""
    return migrate.migrations_match()


def _settings() -> Settings:
    return of(current_app).settings


def _tell(made: Made, seconds: float) -> None:
    manifest = made.manifest
    rows, files = sum(manifest.tables.values()), len(manifest.parts) - 2
    how = "encrypted" if made.encrypted else "not encrypted; it holds the secret key"
    click.echo(
        f"Backup in {made.place}: {rows} rows, {files} files, {made.size} bytes, {how}, in {seconds:.1f} s."
    )
    for name in manifest.missing:
        click.echo(f"There is a row but no file: {name}", err=True)
    for name in manifest.damaged:
        click.echo(f"This file has other bytes than when it was stored: {name}", err=True)
