"""The desk: sessions that are not placed yet, steps in the grid, what was taken away, and choosing again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("venue") as batch:
        batch.add_column(sa.Column("map_url", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("room") as batch:
        batch.add_column(sa.Column("access_nl", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("access_en", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("round") as batch:
        batch.add_column(sa.Column("last_number", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE round SET last_number = COALESCE((SELECT MAX(number) FROM session WHERE session.round_id = round.id), 0)"
    )
    with op.batch_alter_table("session") as batch:
        batch.alter_column("round_id", existing_type=sa.Integer(), nullable=True)
        batch.alter_column("number", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("minimum", sa.Integer(), nullable=True))
        batch.create_check_constraint(op.f("ck_session_minimum"), "minimum >= 0")
        batch.create_check_constraint(op.f("ck_session_placed"), "(round_id IS NULL) = (number IS NULL)")
    op.create_table(
        "grid_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_grid_step_programme_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_grid_step_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_step")),
    )
    op.create_index(op.f("ix_grid_step_programme_id"), "grid_step", ["programme_id"])
    op.create_table(
        "removed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_removed_organiser_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_removed_programme_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_removed_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed")),
    )
    op.create_index(op.f("ix_removed_organiser_id"), "removed", ["organiser_id"])
    op.create_table(
        "second_chance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_second_chance_registration_id")),
        sa.ForeignKeyConstraint(["round_id"], ["offered_round.id"], name=op.f("fk_second_chance_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_chance")),
        sa.UniqueConstraint("registration_id", "round_id", name=op.f("uq_second_chance_registration_id_round_id")),
    )


def downgrade() -> None:
    op.drop_table("second_chance")
    op.drop_index(op.f("ix_removed_organiser_id"), table_name="removed")
    op.drop_table("removed")
    op.drop_index(op.f("ix_grid_step_programme_id"), table_name="grid_step")
    op.drop_table("grid_step")
    op.execute("DELETE FROM part WHERE session_id IN (SELECT id FROM session WHERE round_id IS NULL)")
    op.execute("DELETE FROM session WHERE round_id IS NULL")
    with op.batch_alter_table("session") as batch:
        batch.drop_constraint(op.f("ck_session_placed"), type_="check")
        batch.drop_constraint(op.f("ck_session_minimum"), type_="check")
        batch.drop_column("minimum")
        batch.alter_column("number", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("round_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("round") as batch:
        batch.drop_column("last_number")
    with op.batch_alter_table("room") as batch:
        batch.drop_column("access_en")
        batch.drop_column("access_nl")
    with op.batch_alter_table("venue") as batch:
        batch.drop_column("map_url")
