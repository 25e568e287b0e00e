"""What speakers hand in by their own link, and photos."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("small_id", sa.Integer(), nullable=False),
        sa.Column("medium_id", sa.Integer(), nullable=False),
        sa.Column("large_id", sa.Integer(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_photo_organiser_id")),
        sa.ForeignKeyConstraint(["small_id"], ["stored_file.id"], name=op.f("fk_photo_small_id")),
        sa.ForeignKeyConstraint(["medium_id"], ["stored_file.id"], name=op.f("fk_photo_medium_id")),
        sa.ForeignKeyConstraint(["large_id"], ["stored_file.id"], name=op.f("fk_photo_large_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("key", name=op.f("uq_photo_key")),
    )
    with op.batch_alter_table("speaker", table_kwargs={"sqlite_autoincrement": True}) as speaker:
        speaker.add_column(sa.Column("photo_id", sa.Integer(), nullable=True))
        speaker.add_column(sa.Column("photo_alt_nl", sa.Text(), nullable=False, server_default=""))
        speaker.add_column(sa.Column("photo_alt_en", sa.Text(), nullable=False, server_default=""))
        speaker.create_foreign_key(op.f("fk_speaker_photo_id"), "photo", ["photo_id"], ["id"])
    op.create_table(
        "hand_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("speaker_id", sa.Integer(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=True),
        sa.Column("photo_alt_nl", sa.Text(), nullable=False),
        sa.Column("photo_alt_en", sa.Text(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint("decision IN ('', 'accepted', 'sent_back')", name=op.f("ck_hand_in_decision")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_hand_in_programme_id")),
        sa.ForeignKeyConstraint(["speaker_id"], ["speaker.id"], name=op.f("fk_hand_in_speaker_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_hand_in_photo_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_hand_in_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in")),
        sa.UniqueConstraint("programme_id", "speaker_id", name=op.f("uq_hand_in_programme_id_speaker_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_hand_in_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_hand_in_speaker_id"), "hand_in", ["speaker_id"])
    op.create_table(
        "slides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hand_in_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hand_in_id"], ["hand_in.id"], name=op.f("fk_slides_hand_in_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_slides_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slides")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_slides_hand_in_id"), "slides", ["hand_in_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_slides_hand_in_id"), table_name="slides")
    op.drop_table("slides")
    op.drop_index(op.f("ix_hand_in_speaker_id"), table_name="hand_in")
    op.drop_table("hand_in")
    with op.batch_alter_table("speaker", table_kwargs={"sqlite_autoincrement": True}) as speaker:
        speaker.drop_constraint(op.f("fk_speaker_photo_id"), type_="foreignkey")
        speaker.drop_column("photo_alt_en")
        speaker.drop_column("photo_alt_nl")
        speaker.drop_column("photo_id")
    op.drop_table("photo")
