"""The fair draw: wishes, rounds that people skip, seeds and runs."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
PUBLISHED = sa.text("publish_asked_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_wish_rank")),
        sa.ForeignKeyConstraint(
            ["session_id", "round_id", "programme_id"],
            ["offered_session.id", "offered_session.round_id", "offered_session.programme_id"],
            name=op.f("fk_wish_session_id_round_id_programme_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "registration_id"],
            ["registration.programme_id", "registration.id"],
            name=op.f("fk_wish_programme_id_registration_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("registration_id", "session_id", name=op.f("uq_wish_registration_id_session_id")),
        sa.UniqueConstraint("registration_id", "round_id", "rank", name=op.f("uq_wish_registration_id_round_id_rank")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "skipped_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_skipped_round_registration_id")),
        sa.ForeignKeyConstraint(["round_id"], ["offered_round.id"], name=op.f("fk_skipped_round_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skipped_round")),
        sa.UniqueConstraint("registration_id", "round_id", name=op.f("uq_skipped_round_registration_id_round_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "draw_seed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_draw_seed_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_seed")),
        sa.UniqueConstraint("meeting_id", name=op.f("uq_draw_seed_meeting_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "draw_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instance", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("news", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("publish_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_draw_run_programme_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_draw_run_meeting_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draw_run_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_draw_run_programme_id"), "draw_run", ["programme_id"])
    op.create_index(
        "uq_draw_run_published", "draw_run", ["meeting_id"], unique=True, sqlite_where=PUBLISHED, postgresql_where=PUBLISHED
    )


def downgrade() -> None:
    op.drop_index("uq_draw_run_published", table_name="draw_run")
    op.drop_index(op.f("ix_draw_run_programme_id"), table_name="draw_run")
    for table in ("draw_run", "draw_seed", "skipped_round", "wish"):
        op.drop_table(table)
