"""Reports of delegations as PDF."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "delegation_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegation.id"], name="fk_delegation_report_delegation_id"),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name="fk_delegation_report_file_id"),
        sa.PrimaryKeyConstraint("id", name="pk_delegation_report"),
        sa.UniqueConstraint("delegation_id", "lang", name="uq_delegation_report_delegation_id_lang"),
    )


def downgrade() -> None:
    op.drop_table("delegation_report")
