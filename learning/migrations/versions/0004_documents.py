"""Printed documents of a release: booklet, room signs and list of hosts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "programme_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("cleaned", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('booklet', 'room_signs', 'hosts')", name=op.f("ck_programme_document_kind")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_programme_document_programme_id")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_programme_document_release_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_programme_document_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_document")),
        sa.UniqueConstraint(
            "release_id", "kind", "lang", "cleaned", name=op.f("uq_programme_document_release_id_kind_lang_cleaned")
        ),
    )
    op.create_index(op.f("ix_programme_document_programme_id"), "programme_document", ["programme_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_programme_document_programme_id"), table_name="programme_document")
    op.drop_table("programme_document")
