"""Bringing the database to the models by Alembic, also the guards that no ORM writes: triggers."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from learning.kit.db import Model, db, migrating

FOLDER = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's configuration: only the folder, everything else is the app's."""
    alembic = Config()
    alembic.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return alembic


def head() -> str:
    """The newest revision."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def current() -> str:
    """The revision of the database, empty for an empty one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def migrations_match() -> bool:
    """The database is at the newest revision."""
    return current() == head()


def upgrade(revision: str = "head") -> None:
    """Bring the database forward; refuses one that is newer than this program."""
    refuse_newer(current())
    _run(lambda: command.upgrade(config(), revision))


def known(revision: str) -> bool:
    """This program has that revision."""
    return revision in {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}


def refuse_newer(revision: str) -> None:
    """Stop with a sentence when a database is at a revision that this program does not know."""
    if revision and not known(revision):
        raise SystemExit(
            "The database was made by a newer version of "
            "Leerkring. Install that version, or restore a backup."
        )


def downgrade(revision: str) -> None:
    """Bring the database back."""
    _run(lambda: command.downgrade(config(), revision))


def _run(step: Any) -> None:
    db.session.remove()
    with migrating():
        step()


def differences() -> list[Any]:
    """What the models have that the database has not, or the other way round; empty is good."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return compare_metadata(context, Model.metadata)


GUARDED = (
    "number, series_id, sequence, issued_on, issued_at, due_on, total, snapshot, organiser_id, delegation_id"
)


def make_triggers(connection: Connection) -> None:
    """The walls around what never changes: issued invoices, their lines, and releases."""
    for statement in trigger_statements(connection.dialect.name):
        connection.execute(text(statement))


def drop_triggers(connection: Connection) -> None:
    """Take the walls down, for a step back."""
    for name, table in TRIGGERS:
        on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP FUNCTION IF EXISTS refuse_change() CASCADE"))
        connection.execute(text("DROP FUNCTION IF EXISTS refuse_line_change() CASCADE"))


TRIGGERS = (
    ("invoice_frozen", "invoice"),
    ("invoice_kept", "invoice"),
    ("invoice_line_frozen", "invoice_line"),
    ("invoice_line_kept", "invoice_line"),
    ("invoice_line_closed", "invoice_line"),
    ("release_frozen", "release"),
    ("release_kept", "release"),
)


def trigger_statements(dialect: str) -> list[str]:
    """CREATE TRIGGER statements for this kind of database."""
    columns = [c.strip() for c in GUARDED.split(",")]
    sqlite = dialect == "sqlite"

    def same(c: str) -> str:
        cast = "" if sqlite or c != "snapshot" else "::text"
        return f"NEW.{c}{cast} {'IS NOT' if sqlite else 'IS DISTINCT FROM'} OLD.{c}{cast}"

    changed = " OR ".join(same(c) for c in columns)
    issued = "(SELECT number FROM invoice WHERE id = {row}.invoice_id) IS NOT NULL"
    rules = [
        ("invoice_frozen", "UPDATE", "invoice", f"OLD.number IS NOT NULL AND ({changed})"),
        ("invoice_kept", "DELETE", "invoice", "OLD.number IS NOT NULL"),
        ("invoice_line_frozen", "UPDATE", "invoice_line", issued.format(row="OLD")),
        ("invoice_line_kept", "DELETE", "invoice_line", issued.format(row="OLD")),
        ("invoice_line_closed", "INSERT", "invoice_line", issued.format(row="NEW")),
        ("release_frozen", "UPDATE", "release", "NEW.cleaned = OLD.cleaned"),
        ("release_kept", "DELETE", "release", "1 = 1"),
    ]
    if sqlite:
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for name, verb, table, when in rules
        ]
    function = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION '%', TG_NAME USING ERRCODE = "
        "'integrity_constraint_violation'; END $$ LANGUAGE plpgsql"
    )
    # PostgreSQL allows no subquery in WHEN, so the lines look their invoice up in a function of their own
    lines = (
        "CREATE OR REPLACE FUNCTION refuse_line_change() RETURNS trigger AS $$ DECLARE line record; BEGIN "
        "IF TG_OP = 'INSERT' THEN line := NEW; ELSE line := OLD; END IF; "
        "IF (SELECT number FROM invoice WHERE id = line.invoice_id) IS NOT NULL THEN "
        "RAISE EXCEPTION '%', TG_NAME USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
    )
    out = [function, lines]
    for name, verb, table, when in rules:
        if table == "invoice_line":
            out.append(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_line_change()"
            )
        else:
            out.append(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW WHEN ({when}) "
                "EXECUTE FUNCTION refuse_change()"
            )
    return out
