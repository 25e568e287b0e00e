"""Programmes, people, registrations, delegations, seats, invoices and mail."""

import sqlalchemy as sa
from alembic import op

from learning.migrate import drop_triggers, make_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("mail_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("mail_key", name=op.f("uq_account_mail_key")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(
        "ix_audit_event_thing", "audit_event", ["organiser_id", "thing", "thing_id"], unique=False
    )
    op.create_table(
        "form_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_key")),
        sa.UniqueConstraint("key", name=op.f("uq_form_key_key")),
    )
    op.create_table(
        "organiser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("brand_colour", sa.Text(), nullable=False),
        sa.Column("accent_colour", sa.Text(), nullable=False),
        sa.Column("network_nl", sa.Text(), nullable=False),
        sa.Column("network_en", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("kvk", sa.Text(), nullable=False),
        sa.Column("vat_id", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organiser")),
        sa.UniqueConstraint("slug", name=op.f("uq_organiser_slug")),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("mail_key", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("next_url", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_link_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_link_mail_key"), "sign_in_link", ["mail_key"], unique=False)
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    op.create_index(op.f("ix_stored_file_sha256"), "stored_file", ["sha256"], unique=False)
    op.create_table(
        "throttle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("window_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_throttle")),
        sa.UniqueConstraint("key", name=op.f("uq_throttle_key")),
    )
    op.create_table(
        "invoice_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.Column("last_issued_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name=op.f("fk_invoice_series_organiser_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_series")),
        sa.UniqueConstraint(
            "organiser_id", "code", "year", name=op.f("uq_invoice_series_organiser_id_code_year")
        ),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_message_file_id")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_message_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
        sa.UniqueConstraint("once", name=op.f("uq_message_once")),
    )
    op.create_index("ix_message_due", "message", ["sent_at", "due_at"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("municipality_code", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("kvk", sa.Text(), nullable=False),
        sa.Column("oin", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("finance_mail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name=op.f("fk_organisation_organiser_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_organisation_organiser_id_id")),
        sa.UniqueConstraint(
            "organiser_id", "search_key", name=op.f("uq_organisation_organiser_id_search_key")
        ),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kind_words_nl", sa.Text(), nullable=False),
        sa.Column("kind_words_en", sa.Text(), nullable=False),
        sa.Column("title_nl", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("summary_nl", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("text_nl", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("text_html_nl", sa.Text(), nullable=False),
        sa.Column("text_html_en", sa.Text(), nullable=False),
        sa.Column("note_nl", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("target_groups", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("by_delegation", sa.Boolean(), nullable=False),
        sa.Column("seats_min", sa.Integer(), nullable=False),
        sa.Column("seats_max", sa.Integer(), nullable=False),
        sa.Column("late_substitutes", sa.Boolean(), nullable=False),
        sa.Column("repeats_allowed", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("registration_opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registration_closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choosing_opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choosing_closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('event', 'learning_community', 'training', 'network_meeting')",
            name=op.f("ck_programme_kind"),
        ),
        sa.CheckConstraint(
            "reference IN ('registration', 'first_meeting')", name=op.f("ck_programme_reference")
        ),
        sa.CheckConstraint("seats_min >= 0 AND seats_max >= seats_min", name=op.f("ck_programme_seats")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_programme_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_programme_organiser_id_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_programme_slug")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('admin', 'editor', 'finance')", name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_staff_account_id")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_staff_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("organiser_id", "account_id", name=op.f("uq_staff_organiser_id_account_id")),
    )
    op.create_index(op.f("ix_staff_account_id"), "staff", ["account_id"], unique=False)
    op.create_table(
        "theme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name_nl", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("glyph", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_theme_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_theme_organiser_id_id")),
        sa.UniqueConstraint("organiser_id", "key", name=op.f("uq_theme_organiser_id_key")),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("access_nl", sa.Text(), nullable=False),
        sa.Column("access_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_venue_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_venue_organiser_id_id")),
        sa.UniqueConstraint("organiser_id", "name", name=op.f("uq_venue_organiser_id_name")),
    )
    op.create_table(
        "interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("mail_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id", "programme_id"],
            ["programme.organiser_id", "programme.id"],
            name=op.f("fk_interest_organiser_id_programme_id"),
        ),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_interest_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
        sa.UniqueConstraint("programme_id", "mail_key", name=op.f("uq_interest_programme_id_mail_key")),
    )
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title_nl", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("text_nl", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("end_time", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("join_url", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("nominations_close_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_meeting_order")),
        sa.CheckConstraint(
            "taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name=op.f("ck_meeting_capacity")
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id", "programme_id"],
            ["programme.organiser_id", "programme.id"],
            name=op.f("fk_meeting_organiser_id_programme_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id", "venue_id"],
            ["venue.organiser_id", "venue.id"],
            name=op.f("fk_meeting_organiser_id_venue_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_meeting_organiser_id_id")),
        sa.UniqueConstraint("programme_id", "id", name=op.f("uq_meeting_programme_id_id")),
        sa.UniqueConstraint("programme_id", "position", name=op.f("uq_meeting_programme_id_position")),
        sa.UniqueConstraint("uid", name=op.f("uq_meeting_uid")),
    )
    op.create_table(
        "module",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title_nl", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("text_nl", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("text_html_nl", sa.Text(), nullable=False),
        sa.Column("text_html_en", sa.Text(), nullable=False),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_module_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_module")),
    )
    op.create_index(op.f("ix_module_programme_id"), "module", ["programme_id"], unique=False)
    op.create_table(
        "organisation_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id", "organisation_id"],
            ["organisation.organiser_id", "organisation.id"],
            name=op.f("fk_organisation_alias_organiser_id_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_alias")),
        sa.UniqueConstraint(
            "organiser_id", "search_key", name=op.f("uq_organisation_alias_organiser_id_search_key")
        ),
    )
    op.create_table(
        "partnership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_partnership_order")),
        sa.ForeignKeyConstraint(
            ["organiser_id", "organisation_id"],
            ["organisation.organiser_id", "organisation.id"],
            name=op.f("fk_partnership_organiser_id_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership")),
        sa.UniqueConstraint(
            "organisation_id", "from_on", name=op.f("uq_partnership_organisation_id_from_on")
        ),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("mail_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("affiliation", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id", "organisation_id"],
            ["organisation.organiser_id", "organisation.id"],
            name=op.f("fk_person_organiser_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_person_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_person_organiser_id_id")),
        sa.UniqueConstraint(
            "organiser_id", "mail_key", "name_key", name=op.f("uq_person_organiser_id_mail_key_name_key")
        ),
    )
    op.create_index("ix_person_mail_key", "person", ["mail_key"], unique=False)
    op.create_table(
        "programme_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_party_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_party")),
    )
    op.create_index(
        op.f("ix_programme_party_programme_id"), "programme_party", ["programme_id"], unique=False
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("placed", sa.JSON(), nullable=False),
        sa.Column("cleaned", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_release_made_by")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_release_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_release_programme_id_number")),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id", "venue_id"],
            ["venue.organiser_id", "venue.id"],
            name=op.f("fk_room_organiser_id_venue_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_room_organiser_id_id")),
        sa.UniqueConstraint("venue_id", "name", name=op.f("uq_room_venue_id_name")),
    )
    op.create_table(
        "tariff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("vat_category", sa.Text(), nullable=True),
        sa.Column("vat_rate", sa.BigInteger(), nullable=True),
        sa.Column("vat_ground", sa.Text(), nullable=False),
        sa.CheckConstraint("audience IN ('everybody', 'partner', 'other')", name=op.f("ck_tariff_audience")),
        sa.CheckConstraint("unit IN ('organisation', 'seat', 'person')", name=op.f("ck_tariff_unit")),
        sa.CheckConstraint("vat_category IN ('S', 'E', 'O')", name=op.f("ck_tariff_vat")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_tariff_amount")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_tariff_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff")),
    )
    op.create_index(op.f("ix_tariff_programme_id"), "tariff", ["programme_id"], unique=False)
    op.create_table(
        "workshop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title_nl", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("abstract_nl", sa.Text(), nullable=False),
        sa.Column("abstract_en", sa.Text(), nullable=False),
        sa.Column("abstract_html_nl", sa.Text(), nullable=False),
        sa.Column("abstract_html_en", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=True),
        sa.Column("asks_questions", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_workshop_programme_id")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_workshop_theme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop")),
        sa.UniqueConstraint("programme_id", "id", name=op.f("uq_workshop_programme_id_id")),
        sa.UniqueConstraint("programme_id", "key", name=op.f("uq_workshop_programme_id_key")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id", "organisation_id"],
            ["organisation.organiser_id", "organisation.id"],
            name=op.f("fk_contact_organiser_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id", "person_id"],
            ["person.organiser_id", "person.id"],
            name=op.f("fk_contact_organiser_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint(
            "organisation_id", "person_id", name=op.f("uq_contact_organisation_id_person_id")
        ),
    )
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("seats_min", sa.Integer(), nullable=False),
        sa.Column("seats_max", sa.Integer(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("buyer_ref", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("price_amount", sa.BigInteger(), nullable=True),
        sa.Column("price_unit", sa.Text(), nullable=False),
        sa.Column("price_vat_category", sa.Text(), nullable=True),
        sa.Column("price_vat_rate", sa.BigInteger(), nullable=True),
        sa.Column("price_vat_ground", sa.Text(), nullable=False),
        sa.Column("price_reason", sa.Text(), nullable=False),
        sa.Column("price_reference_on", sa.Date(), nullable=True),
        sa.Column("price_tariff_id", sa.Integer(), nullable=True),
        sa.Column("price_partnership_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("seats_min >= 0 AND seats_max >= seats_min", name=op.f("ck_delegation_seats")),
        sa.ForeignKeyConstraint(
            ["organiser_id", "contact_id"],
            ["person.organiser_id", "person.id"],
            name=op.f("fk_delegation_organiser_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id", "organisation_id"],
            ["organisation.organiser_id", "organisation.id"],
            name=op.f("fk_delegation_organiser_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id", "programme_id"],
            ["programme.organiser_id", "programme.id"],
            name=op.f("fk_delegation_organiser_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("code", name=op.f("uq_delegation_code")),
        sa.UniqueConstraint("programme_id", "id", name=op.f("uq_delegation_programme_id_id")),
    )
    op.create_index("ix_delegation_contact_id", "delegation", ["contact_id"], unique=False)
    op.create_index(
        "uq_delegation_live",
        "delegation",
        ["programme_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "offered_programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("release_number", sa.Integer(), nullable=False),
        sa.Column("cleaned", sa.Integer(), nullable=False),
        sa.Column("repeats_allowed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["programme.id"], name=op.f("fk_offered_programme_id")),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name=op.f("fk_offered_programme_organiser_id")
        ),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_offered_programme_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_programme")),
        sa.UniqueConstraint("slug", name=op.f("uq_offered_programme_slug")),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("feed_epoch", sa.Integer(), nullable=False),
        sa.Column("feed_hash", sa.Text(), nullable=False),
        sa.Column("feed_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("feed_revision", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=True),
        sa.Column("price_unit", sa.Text(), nullable=False),
        sa.Column("price_vat_category", sa.Text(), nullable=True),
        sa.Column("price_vat_rate", sa.BigInteger(), nullable=True),
        sa.Column("price_vat_ground", sa.Text(), nullable=False),
        sa.Column("price_reason", sa.Text(), nullable=False),
        sa.Column("price_reference_on", sa.Date(), nullable=True),
        sa.Column("price_tariff_id", sa.Integer(), nullable=True),
        sa.Column("price_partnership_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "confirmed_at IS NOT NULL OR lapses_at IS NOT NULL", name=op.f("ck_registration_lapses")
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id", "organisation_id"],
            ["organisation.organiser_id", "organisation.id"],
            name=op.f("fk_registration_organiser_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id", "person_id"],
            ["person.organiser_id", "person.id"],
            name=op.f("fk_registration_organiser_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id", "programme_id"],
            ["programme.organiser_id", "programme.id"],
            name=op.f("fk_registration_organiser_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("code", name=op.f("uq_registration_code")),
        sa.UniqueConstraint("feed_hash", name=op.f("uq_registration_feed_hash")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_registration_organiser_id_id")),
        sa.UniqueConstraint("programme_id", "id", name=op.f("uq_registration_programme_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_registration_token_hash")),
    )
    op.create_index("ix_registration_person_id", "registration", ["person_id"], unique=False)
    op.create_index(
        "uq_registration_live",
        "registration",
        ["programme_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title_nl", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("filling", sa.Text(), nullable=False),
        sa.CheckConstraint("filling IN ('first_come', 'draw')", name=op.f("ck_round_filling")),
        sa.ForeignKeyConstraint(
            ["programme_id", "meeting_id"],
            ["meeting.programme_id", "meeting.id"],
            name=op.f("fk_round_programme_id_meeting_id"),
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_round_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("programme_id", "id", name=op.f("uq_round_programme_id_id")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_round_programme_id_number")),
    )
    op.create_table(
        "speaker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("function_nl", sa.Text(), nullable=False),
        sa.Column("function_en", sa.Text(), nullable=False),
        sa.Column("affiliation", sa.Text(), nullable=False),
        sa.Column("biography_nl", sa.Text(), nullable=False),
        sa.Column("biography_en", sa.Text(), nullable=False),
        sa.Column("biography_html_nl", sa.Text(), nullable=False),
        sa.Column("biography_html_en", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id", "person_id"],
            ["person.organiser_id", "person.id"],
            name=op.f("fk_speaker_organiser_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_speaker_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_speaker_organiser_id_id")),
        sa.UniqueConstraint("organiser_id", "slug", name=op.f("uq_speaker_organiser_id_slug")),
    )
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("end_time", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title_nl", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("text_nl", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_item_meeting_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_agenda_item_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
        sa.UniqueConstraint("meeting_id", "position", name=op.f("uq_agenda_item_meeting_id_position")),
        sa.UniqueConstraint("round_id", name=op.f("uq_agenda_item_round_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_agenda_item_uid")),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=True),
        sa.Column("pdf_file_id", sa.Integer(), nullable=True),
        sa.Column("mailed_to", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(number IS NULL) = (issued_on IS NULL) AND (number IS NULL) = (sequence IS NULL) AND (number IS NULL) = (series_id IS NULL) AND (number IS NULL) = (snapshot IS NULL)",
            name=op.f("ck_invoice_issued_whole"),
        ),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegation.id"], name=op.f("fk_invoice_delegation_id")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("fk_invoice_organiser_id")),
        sa.ForeignKeyConstraint(["pdf_file_id"], ["stored_file.id"], name=op.f("fk_invoice_pdf_file_id")),
        sa.ForeignKeyConstraint(["series_id"], ["invoice_series.id"], name=op.f("fk_invoice_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("organiser_id", "id", name=op.f("uq_invoice_organiser_id_id")),
        sa.UniqueConstraint("organiser_id", "number", name=op.f("uq_invoice_organiser_id_number")),
        sa.UniqueConstraint("series_id", "sequence", name=op.f("uq_invoice_series_id_sequence")),
    )
    op.create_index(op.f("ix_invoice_delegation_id"), "invoice", ["delegation_id"], unique=False)
    op.create_table(
        "nomination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("chair", sa.Integer(), nullable=False),
        sa.Column("chairs", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("substitute_for_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("chair >= 1 AND chair <= chairs", name=op.f("ck_nomination_chair")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nomination_person_id")),
        sa.ForeignKeyConstraint(
            ["programme_id", "delegation_id"],
            ["delegation.programme_id", "delegation.id"],
            name=op.f("fk_nomination_programme_id_delegation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "meeting_id"],
            ["meeting.programme_id", "meeting.id"],
            name=op.f("fk_nomination_programme_id_meeting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "registration_id"],
            ["registration.programme_id", "registration.id"],
            name=op.f("fk_nomination_programme_id_registration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["substitute_for_id"], ["nomination.id"], name=op.f("fk_nomination_substitute_for_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination")),
    )
    op.create_index(
        "uq_nomination_chair",
        "nomination",
        ["delegation_id", "meeting_id", "chair"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_nomination_person",
        "nomination",
        ["meeting_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "offered_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["meeting.id"], name=op.f("fk_offered_meeting_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["offered_programme.id"], name=op.f("fk_offered_meeting_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_meeting")),
    )
    op.create_index(
        op.f("ix_offered_meeting_programme_id"), "offered_meeting", ["programme_id"], unique=False
    )
    op.create_table(
        "offered_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["round.id"], name=op.f("fk_offered_round_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_offered_round_meeting_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["offered_programme.id"], name=op.f("fk_offered_round_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_round")),
        sa.UniqueConstraint("programme_id", "id", name=op.f("uq_offered_round_programme_id_id")),
    )
    op.create_table(
        "participation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id", "meeting_id"],
            ["meeting.programme_id", "meeting.id"],
            name=op.f("fk_participation_programme_id_meeting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "registration_id"],
            ["registration.programme_id", "registration.id"],
            name=op.f("fk_participation_programme_id_registration_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
    )
    op.create_index("ix_participation_meeting_id", "participation", ["meeting_id"], unique=False)
    op.create_index(
        "uq_participation_live",
        "participation",
        ["registration_id", "meeting_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("text_nl", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("text_html_nl", sa.Text(), nullable=False),
        sa.Column("text_html_en", sa.Text(), nullable=False),
        sa.Column("join_url", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_session_capacity")),
        sa.ForeignKeyConstraint(
            ["programme_id", "round_id"],
            ["round.programme_id", "round.id"],
            name=op.f("fk_session_programme_id_round_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "workshop_id"],
            ["workshop.programme_id", "workshop.id"],
            name=op.f("fk_session_programme_id_workshop_id"),
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_session_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_session_round_id_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_session_uid")),
    )
    op.create_table(
        "invoice_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("vat_category", sa.Text(), nullable=True),
        sa.Column("vat_rate", sa.BigInteger(), nullable=True),
        sa.Column("vat_ground", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id", "invoice_id"],
            ["invoice.organiser_id", "invoice.id"],
            name=op.f("fk_invoice_line_organiser_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint("invoice_id", "position", name=op.f("uq_invoice_line_invoice_id_position")),
    )
    op.create_table(
        "offered_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("overfull", sa.Boolean(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "taken >= 0 AND (capacity IS NULL OR taken <= capacity OR overfull)",
            name=op.f("ck_offered_session_taken"),
        ),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_offered_session_waiting")),
        sa.ForeignKeyConstraint(["id"], ["session.id"], name=op.f("fk_offered_session_id")),
        sa.ForeignKeyConstraint(
            ["programme_id", "round_id"],
            ["offered_round.programme_id", "offered_round.id"],
            name=op.f("fk_offered_session_programme_id_round_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_offered_session_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_session")),
        sa.UniqueConstraint(
            "id", "round_id", "programme_id", name=op.f("uq_offered_session_id_round_id_programme_id")
        ),
    )
    op.create_table(
        "part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("agenda_item_id", sa.Integer(), nullable=True),
        sa.Column("speaker_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("affiliation", sa.Text(), nullable=False),
        sa.Column("function_nl", sa.Text(), nullable=False),
        sa.Column("function_en", sa.Text(), nullable=False),
        sa.CheckConstraint("speaker_id IS NOT NULL OR affiliation <> ''", name=op.f("ck_part_somebody")),
        sa.CheckConstraint(
            "(session_id IS NULL) <> (agenda_item_id IS NULL)", name=op.f("ck_part_one_place")
        ),
        sa.ForeignKeyConstraint(["agenda_item_id"], ["agenda_item.id"], name=op.f("fk_part_agenda_item_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_part_session_id")),
        sa.ForeignKeyConstraint(["speaker_id"], ["speaker.id"], name=op.f("fk_part_speaker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part")),
    )
    op.create_index(op.f("ix_part_agenda_item_id"), "part", ["agenda_item_id"], unique=False)
    op.create_index(op.f("ix_part_session_id"), "part", ["session_id"], unique=False)
    op.create_index(op.f("ix_part_speaker_id"), "part", ["speaker_id"], unique=False)
    op.create_table(
        "offered_host",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_offered_host_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["offered_session.id"], name=op.f("fk_offered_host_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_host")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_offered_host_session_id_person_id")),
    )
    op.create_index(op.f("ix_offered_host_person_id"), "offered_host", ["person_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("once_workshop_id", sa.Integer(), nullable=True),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("host", sa.Boolean(), nullable=False),
        sa.Column("unlimited", sa.Boolean(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("host OR number IS NOT NULL OR unlimited", name=op.f("ck_seat_chair")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_seat_number")),
        sa.ForeignKeyConstraint(
            ["programme_id", "registration_id"],
            ["registration.programme_id", "registration.id"],
            name=op.f("fk_seat_programme_id_registration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "round_id", "programme_id"],
            ["offered_session.id", "offered_session.round_id", "offered_session.programme_id"],
            name=op.f("fk_seat_session_id_round_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint(
            "registration_id", "once_workshop_id", name=op.f("uq_seat_registration_id_once_workshop_id")
        ),
        sa.UniqueConstraint("registration_id", "round_id", name=op.f("uq_seat_registration_id_round_id")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_seat_session_id_number")),
    )
    op.create_table(
        "seat_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_seat_history_registration_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["offered_session.id"], name=op.f("fk_seat_history_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_history")),
    )
    op.create_index(
        op.f("ix_seat_history_registration_id"), "seat_history", ["registration_id"], unique=False
    )
    op.create_index(op.f("ix_seat_history_session_id"), "seat_history", ["session_id"], unique=False)
    op.create_table(
        "waitlist_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "registration_id"],
            ["registration.programme_id", "registration.id"],
            name=op.f("fk_waitlist_entry_programme_id_registration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "round_id", "programme_id"],
            ["offered_session.id", "offered_session.round_id", "offered_session.programme_id"],
            name=op.f("fk_waitlist_entry_session_id_round_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entry")),
        sa.UniqueConstraint(
            "registration_id", "round_id", name=op.f("uq_waitlist_entry_registration_id_round_id")
        ),
    )
    op.create_index(
        "ix_waitlist_entry_session", "waitlist_entry", ["session_id", "joined_at", "id"], unique=False
    )
    make_triggers(op.get_bind())


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("ix_waitlist_entry_session", table_name="waitlist_entry")
    op.drop_table("waitlist_entry")
    op.drop_index(op.f("ix_seat_history_session_id"), table_name="seat_history")
    op.drop_index(op.f("ix_seat_history_registration_id"), table_name="seat_history")
    op.drop_table("seat_history")
    op.drop_table("seat")
    op.drop_index(op.f("ix_offered_host_person_id"), table_name="offered_host")
    op.drop_table("offered_host")
    op.drop_index(op.f("ix_part_speaker_id"), table_name="part")
    op.drop_index(op.f("ix_part_session_id"), table_name="part")
    op.drop_index(op.f("ix_part_agenda_item_id"), table_name="part")
    op.drop_table("part")
    op.drop_table("offered_session")
    op.drop_table("invoice_line")
    op.drop_table("session")
    op.drop_index(
        "uq_participation_live",
        table_name="participation",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_participation_meeting_id", table_name="participation")
    op.drop_table("participation")
    op.drop_table("offered_round")
    op.drop_index(op.f("ix_offered_meeting_programme_id"), table_name="offered_meeting")
    op.drop_table("offered_meeting")
    op.drop_index(
        "uq_nomination_person",
        table_name="nomination",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(
        "uq_nomination_chair",
        table_name="nomination",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("nomination")
    op.drop_index(op.f("ix_invoice_delegation_id"), table_name="invoice")
    op.drop_table("invoice")
    op.drop_table("agenda_item")
    op.drop_table("speaker")
    op.drop_table("round")
    op.drop_index(
        "uq_registration_live",
        table_name="registration",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_registration_person_id", table_name="registration")
    op.drop_table("registration")
    op.drop_table("offered_programme")
    op.drop_index(
        "uq_delegation_live",
        table_name="delegation",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_delegation_contact_id", table_name="delegation")
    op.drop_table("delegation")
    op.drop_table("contact")
    op.drop_table("workshop")
    op.drop_index(op.f("ix_tariff_programme_id"), table_name="tariff")
    op.drop_table("tariff")
    op.drop_table("room")
    op.drop_table("release")
    op.drop_index(op.f("ix_programme_party_programme_id"), table_name="programme_party")
    op.drop_table("programme_party")
    op.drop_index("ix_person_mail_key", table_name="person")
    op.drop_table("person")
    op.drop_table("partnership")
    op.drop_table("organisation_alias")
    op.drop_index(op.f("ix_module_programme_id"), table_name="module")
    op.drop_table("module")
    op.drop_table("meeting")
    op.drop_table("interest")
    op.drop_table("venue")
    op.drop_table("theme")
    op.drop_index(op.f("ix_staff_account_id"), table_name="staff")
    op.drop_table("staff")
    op.drop_table("programme")
    op.drop_table("organisation")
    op.drop_index("ix_message_due", table_name="message")
    op.drop_table("message")
    op.drop_table("invoice_series")
    op.drop_table("throttle")
    op.drop_index(op.f("ix_stored_file_sha256"), table_name="stored_file")
    op.drop_table("stored_file")
    op.drop_index(op.f("ix_sign_in_link_mail_key"), table_name="sign_in_link")
    op.drop_table("sign_in_link")
    op.drop_table("organiser")
    op.drop_table("form_key")
    op.drop_index("ix_audit_event_thing", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("account")
