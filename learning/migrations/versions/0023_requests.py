"""Requests for delegations hold no place; they can be made without an account; persons whose address is confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LIVE, HOLDS = sa.text("ended_at IS NULL"), sa.text("ended_at IS NULL AND held_at IS NOT NULL")
COLUMNS = ["programme_id", "organisation_id", "came_from"]
CONFIRMED = (  # who read mail at the address: signed in, registered without a city, or answered an invitation
    "UPDATE person SET confirmed_at = (SELECT account.made_at FROM account WHERE account.mail_key = person.mail_key)",
    "UPDATE person SET confirmed_at = (SELECT min(r.confirmed_at) FROM registration r WHERE r.person_id = person.id AND"
    " NOT EXISTS (SELECT 1 FROM nomination n WHERE n.registration_id = r.id AND n.accepted_at IS NULL))"
    " WHERE confirmed_at IS NULL",
)


def upgrade() -> None:
    op.add_column("person", sa.Column("confirmed_at", MOMENT, nullable=True))
    for statement in CONFIRMED:
        op.execute(statement)
    op.drop_index("uq_delegation_live", table_name="delegation")
    op.add_column("delegation", sa.Column("held_at", MOMENT, nullable=True))
    op.add_column("delegation", sa.Column("approved_at", MOMENT, nullable=True))
    op.execute("UPDATE delegation SET held_at = requested_at")  # as it was promised
    with op.batch_alter_table("delegation") as batch:
        batch.create_check_constraint(op.f("ck_delegation_held"), "held_at IS NOT NULL OR (confirmed_at IS NULL AND waiting_at IS NULL)")
    op.create_index("uq_delegation_live", "delegation", COLUMNS, unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS)
    op.create_table(
        "delegation_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("mail_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("lapses_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("delegation_id", sa.Integer(), nullable=True),
        sa.Column("seats_max", sa.Integer(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=True),
        sa.Column("price_unit", sa.Text(), nullable=False),
        sa.Column("price_vat_category", sa.Text(), nullable=True),
        sa.Column("price_vat_rate", sa.BigInteger(), nullable=True),
        sa.Column("price_vat_ground", sa.Text(), nullable=False),
        sa.Column("price_reason", sa.Text(), nullable=False),
        sa.Column("price_reference_on", sa.Date(), nullable=True),
        sa.Column("price_tariff_id", sa.Integer(), nullable=True),
        sa.Column("price_partnership_id", sa.Integer(), nullable=True),
        sa.Column("price_full", sa.BigInteger(), nullable=True),
        sa.Column("price_code_id", sa.Integer(), nullable=True),
        sa.Column("conditions_version", sa.Integer(), nullable=True),
        sa.CheckConstraint("delegation_id IS NULL OR confirmed_at IS NOT NULL", name=op.f("ck_delegation_request_confirmed")),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegation.id"], name="fk_delegation_request_delegation_id"),
        sa.ForeignKeyConstraint(
            ["organiser_id", "organisation_id"],
            ["organisation.organiser_id", "organisation.id"],
            name="fk_delegation_request_organiser_id_organisation_id",
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id", "programme_id"],
            ["programme.organiser_id", "programme.id"],
            name="fk_delegation_request_organiser_id_programme_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delegation_request"),
        sa.UniqueConstraint("token_hash", name="uq_delegation_request_token_hash"),
    )
    op.create_index("ix_delegation_request_programme_id", "delegation_request", ["programme_id"])


def downgrade() -> None:
    op.drop_table("delegation_request")
    op.drop_index("uq_delegation_live", table_name="delegation")
    op.execute(  # there can be one of a city again: requests that hold nothing end
        "UPDATE delegation SET ended_at = requested_at, end_reason = 'lapsed' WHERE held_at IS NULL AND ended_at IS NULL"
    )
    with op.batch_alter_table("delegation") as batch:
        batch.drop_constraint(op.f("ck_delegation_held"), type_="check")
        batch.drop_column("approved_at")
        batch.drop_column("held_at")
    op.create_index("uq_delegation_live", "delegation", COLUMNS, unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    op.drop_column("person", "confirmed_at")
