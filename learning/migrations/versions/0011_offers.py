"""Who waits can get an offer to accept in time; a meeting can be drawn again after its draw was published."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
PUBLISHED = sa.text("publish_asked_at IS NOT NULL")


def upgrade() -> None:
    for table in ("programme", "offered_programme"):
        op.add_column(table, sa.Column("moving_up", sa.Text(), nullable=False, server_default="at_once"))
        op.add_column(table, sa.Column("offer_hours", sa.Integer(), nullable=False, server_default="24"))
        op.add_column(table, sa.Column("offer_lapsed", sa.Text(), nullable=False, server_default="last"))
    op.add_column("waitlist_entry", sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("waitlist_entry", sa.Column("lapses", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_waitlist_entry_offered_until"), "waitlist_entry", ["offered_until"])
    with op.batch_alter_table("draw_seed", table_kwargs={"sqlite_autoincrement": True}) as seed:
        seed.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        seed.drop_constraint(op.f("uq_draw_seed_meeting_id"), type_="unique")
        seed.create_unique_constraint(op.f("uq_draw_seed_meeting_id_number"), ["meeting_id", "number"])
    op.add_column("draw_run", sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("draw_run", sa.Column("unpinned", sa.JSON(), nullable=False, server_default="[]"))
    op.drop_index("uq_draw_run_published", "draw_run")
    op.create_index(
        "uq_draw_run_published", "draw_run", ["meeting_id", "number"], unique=True,
        sqlite_where=PUBLISHED, postgresql_where=PUBLISHED,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("uq_draw_run_published", "draw_run")
    op.create_index(
        "uq_draw_run_published", "draw_run", ["meeting_id"], unique=True,
        sqlite_where=PUBLISHED, postgresql_where=PUBLISHED,
    )  # fmt: skip
    op.drop_column("draw_run", "unpinned")
    op.drop_column("draw_run", "number")
    with op.batch_alter_table("draw_seed", table_kwargs={"sqlite_autoincrement": True}) as seed:
        seed.drop_constraint(op.f("uq_draw_seed_meeting_id_number"), type_="unique")
        seed.create_unique_constraint(op.f("uq_draw_seed_meeting_id"), ["meeting_id"])
        seed.drop_column("number")
    op.drop_index(op.f("ix_waitlist_entry_offered_until"), "waitlist_entry")
    op.drop_column("waitlist_entry", "lapses")
    op.drop_column("waitlist_entry", "offered_until")
    for table in ("offered_programme", "programme"):
        for name in ("offer_lapsed", "offer_hours", "moving_up"):
            op.drop_column(table, name)
