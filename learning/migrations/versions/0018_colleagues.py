"""Colleagues: readers, limits to some programmes, when somebody was last seen, and invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROLE, WAS = "role IN ('admin', 'editor', 'finance', 'reader')", "role IN ('admin', 'editor', 'finance')"
ADMIN = "role <> 'admin' OR NOT limited"
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("staff") as batch:
        batch.add_column(sa.Column("limited", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("seen_at", MOMENT, nullable=True))
        batch.drop_constraint(op.f("ck_staff_role"), type_="check")
        batch.create_check_constraint(op.f("ck_staff_role"), ROLE)
        batch.create_check_constraint(op.f("ck_staff_admin_of_all"), ADMIN)
        batch.create_unique_constraint(op.f("uq_staff_organiser_id_id"), ["organiser_id", "id"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("mail", "mail_key", "name", "language", "role")),
        sa.Column("limited", sa.Boolean(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(ROLE, name=op.f("ck_invitation_role")),
        sa.CheckConstraint(ADMIN, name=op.f("ck_invitation_admin_of_all")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_invitation_account_id"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name="fk_invitation_organiser_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("organiser_id", "id", name="uq_invitation_organiser_id_id"),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_hash"),
    )
    names = ["organiser_id", "mail_key"]
    op.create_index("uq_invitation_open", "invitation", names, unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    for owner in ("staff", "invitation"):
        _make_limits(owner)


def _make_limits(owner: str) -> None:
    """The programmes to which a colleague, or somebody who is invited, is limited."""
    table = f"{owner}_programme"
    links = {f"{owner}_id": owner, "programme_id": "programme"}
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("organiser_id", *links)),
        *(
            sa.ForeignKeyConstraint(
                ["organiser_id", column], [f"{to}.organiser_id", f"{to}.id"], name=f"fk_{table}_organiser_id_{column}"
            )
            for column, to in links.items()
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint(f"{owner}_id", "programme_id", name=f"uq_{table}_{owner}_id_programme_id"),
    )


def downgrade() -> None:
    """Readers and limited colleagues end: the older version knows neither, and would let them do more."""
    for table in ("staff_programme", "invitation_programme", "invitation"):
        op.drop_table(table)
    op.execute("UPDATE staff SET ended_at = CURRENT_TIMESTAMP WHERE ended_at IS NULL AND (role = 'reader' OR limited)")
    op.execute("UPDATE staff SET role = 'finance' WHERE role = 'reader'")
    with op.batch_alter_table("staff") as batch:
        batch.drop_constraint(op.f("uq_staff_organiser_id_id"), type_="unique")
        batch.drop_constraint(op.f("ck_staff_admin_of_all"), type_="check")
        batch.drop_constraint(op.f("ck_staff_role"), type_="check")
        batch.create_check_constraint(op.f("ck_staff_role"), WAS)
        batch.drop_column("seen_at")
        batch.drop_column("limited")
