"""Programmes that are brought in from elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bring_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_bring_in_organiser_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_bring_in_programme_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bring_in_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bring_in")),
    )
    op.create_index(op.f("ix_bring_in_programme_id"), "bring_in", ["programme_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_bring_in_programme_id"), table_name="bring_in")
    op.drop_table("bring_in")
