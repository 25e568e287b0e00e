"""Owners of the installation, its first start, and organisers that close."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LIVE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "owner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_owner_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_owner"),
    )
    op.create_index("uq_owner_live", "owner", ["account_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_table(
        "first_start",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=True),
        sa.Column("replaced_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_first_start_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_first_start"),
        sa.UniqueConstraint("open", name="uq_first_start_open"),
        sa.UniqueConstraint("token_hash", name="uq_first_start_token_hash"),
    )
    op.add_column("organiser", sa.Column("closed_at", MOMENT, nullable=True))
    op.add_column("organiser", sa.Column("closing_nl", sa.Text(), nullable=False, server_default=""))
    op.add_column("organiser", sa.Column("closing_en", sa.Text(), nullable=False, server_default=""))
    op.add_column("organiser", sa.Column("settled_at", MOMENT, nullable=True))
    op.execute("UPDATE organiser SET settled_at = CURRENT_TIMESTAMP")  # who works here already needs no list to begin with


def downgrade() -> None:
    for name in ("settled_at", "closing_en", "closing_nl", "closed_at"):
        op.drop_column("organiser", name)
    op.drop_table("first_start")
    op.drop_table("owner")
