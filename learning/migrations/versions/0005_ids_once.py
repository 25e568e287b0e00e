"""SQLite gives the id of a row that was taken away to no other row, so that it can be brought back as itself."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "venue",
    "room",
    "theme",
    "meeting",
    "round",
    "agenda_item",
    "workshop",
    "session",
    "speaker",
    "part",
    "module",
    "tariff",
    "programme_party",
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return  # a sequence gives every number once
    for table in TABLES:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass


def downgrade() -> None:
    """Nothing: the older models hold with it."""
