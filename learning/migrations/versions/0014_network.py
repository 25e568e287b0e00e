"""Cities and their network: levels, mail domains, codes, conditions, waiting cities, seats that go on, merging, imports."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LIVE, OPEN = sa.text("ended_at IS NULL"), sa.text("decided_at IS NULL")
TEXTS = {
    "organisation": ("vat_id", "endpoint"),
    "partnership": ("level",),
    "tariff": ("level",),
    "delegation": ("end_reason", "came_from"),
    "programme": ("conditions_nl", "conditions_en"),
}
SWITCHES = ("substitutes_approved", "seats_go_on", "delegations_approved", "by_invitation")


def upgrade() -> None:
    for table, names in TEXTS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in SWITCHES:
        op.add_column("programme", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("programme", sa.Column("conditions_version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("programme", sa.Column("delegations_max", sa.Integer(), nullable=True))
    op.add_column("programme", sa.Column("reminder_days", sa.JSON(), nullable=False, server_default='["14", "3"]'))
    op.add_column("organisation", sa.Column("mail_domains", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("contact", sa.Column("invited_at", MOMENT, nullable=True))
    op.add_column("delegation", sa.Column("waiting_at", MOMENT, nullable=True))
    for table in ("registration", "delegation"):
        op.add_column(table, sa.Column("price_full", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column("price_code_id", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("conditions_version", sa.Integer(), nullable=True))
    op.drop_index("uq_delegation_live", table_name="delegation")
    live = ["programme_id", "organisation_id", "came_from"]
    op.create_index("uq_delegation_live", "delegation", live, unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    _make_tables()


def _make_tables() -> None:
    op.create_table(
        "conditions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("text_nl", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_conditions_programme_id"),
        sa.PrimaryKeyConstraint("id", name="pk_conditions"),
        sa.UniqueConstraint("programme_id", "version", name="uq_conditions_programme_id_version"),
    )
    op.create_table(
        "price_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("off", sa.BigInteger(), nullable=True),
        sa.Column("invites", sa.Boolean(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("used >= 0 AND (most IS NULL OR used <= most)", name="used"),
        sa.CheckConstraint("percent IS NULL OR (percent > 0 AND percent <= 100)", name="percent"),
        sa.CheckConstraint("off IS NULL OR off > 0", name="off"),
        sa.CheckConstraint("percent IS NULL OR off IS NULL", name="one_discount"),
        sa.CheckConstraint("until_on IS NULL OR from_on IS NULL OR until_on >= from_on", name="order"),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_price_code_programme_id"),
        sa.PrimaryKeyConstraint("id", name="pk_price_code"),
        sa.UniqueConstraint("programme_id", "code", name="uq_price_code_programme_id_code"),
        sa.UniqueConstraint("programme_id", "id", name="uq_price_code_programme_id_id"),
    )
    op.create_table(
        "list_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint("kind IN ('organisations', 'contacts', 'partnerships')", name="kind"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_list_import_account_id"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name="fk_list_import_organiser_id"),
        sa.PrimaryKeyConstraint("id", name="pk_list_import"),
    )
    op.create_index("ix_list_import_organiser_id", "list_import", ["organiser_id"])
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("gone", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id", "organisation_id"],
            ["organisation.organiser_id", "organisation.id"],
            name="fk_merge_organiser_id_organisation_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_merge"),
    )
    op.create_table(
        "seat_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("back_at", MOMENT, nullable=True),
        sa.CheckConstraint("to_id IS NULL OR to_id <> from_id", name="other"),
        *_links("seat_move", {"meeting_id": "meeting", "from_id": "delegation", "to_id": "delegation"}),
        sa.PrimaryKeyConstraint("id", name="pk_seat_move"),
    )
    op.create_index("ix_seat_move_meeting_id", "seat_move", ["meeting_id"])
    op.create_table(
        "seat_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        *_links("seat_request", {"meeting_id": "meeting", "delegation_id": "delegation"}),
        sa.PrimaryKeyConstraint("id", name="pk_seat_request"),
    )
    op.create_index("ix_seat_request_meeting_id", "seat_request", ["meeting_id"])
    op.create_index(
        "uq_seat_request_live",
        "seat_request",
        ["delegation_id", "meeting_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "substitute_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nomination_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_substitute_request_account_id"),
        sa.ForeignKeyConstraint(["nomination_id"], ["nomination.id"], name="fk_substitute_request_nomination_id"),
        sa.PrimaryKeyConstraint("id", name="pk_substitute_request"),
    )
    op.create_index(
        "uq_substitute_request_open",
        "substitute_request",
        ["nomination_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _links(table: str, columns: dict[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["programme_id", column], [f"{to}.programme_id", f"{to}.id"], name=f"fk_{table}_programme_id_{column}"
        )
        for column, to in columns.items()
    ]


def downgrade() -> None:
    for table in ("substitute_request", "seat_request", "seat_move", "merge", "list_import", "price_code", "conditions"):
        op.drop_table(table)
    op.drop_index("uq_delegation_live", table_name="delegation")
    live = ["programme_id", "organisation_id"]
    op.create_index("uq_delegation_live", "delegation", live, unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    for table in ("registration", "delegation"):
        for name in ("conditions_version", "price_code_id", "price_full"):
            op.drop_column(table, name)
    op.drop_column("delegation", "waiting_at")
    op.drop_column("contact", "invited_at")
    op.drop_column("organisation", "mail_domains")
    for name in ("reminder_days", "delegations_max", "conditions_version", *SWITCHES):
        op.drop_column("programme", name)
    for table, names in TEXTS.items():
        for name in names:
            op.drop_column(table, name)
