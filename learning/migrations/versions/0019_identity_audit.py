"""Who an organiser is on its invoices: OIN, VAT treatment, text at the foot; the log keeps values before and after."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TEXTS = ("oin", "vat_ground", "invoice_foot_nl", "invoice_foot_en")


def upgrade() -> None:
    op.execute("UPDATE organiser SET payment_days = 30 WHERE payment_days NOT BETWEEN 1 AND 120")
    with op.batch_alter_table("organiser", table_kwargs={"sqlite_autoincrement": True}) as organiser:
        for name in TEXTS:
            organiser.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        organiser.add_column(sa.Column("vat_category", sa.Text(), nullable=True))
        organiser.create_check_constraint(op.f("ck_organiser_payment_days"), "payment_days BETWEEN 1 AND 120")
        organiser.create_check_constraint(op.f("ck_organiser_vat_category"), "vat_category IN ('S', 'E', 'O')")
    op.execute("UPDATE organiser SET vat_category = 'S' WHERE vat_id <> ''")  # they sent invoices with VAT until now
    op.add_column("audit_event", sa.Column("before", sa.JSON(), nullable=True))
    op.add_column("audit_event", sa.Column("after", sa.JSON(), nullable=True))
    op.create_index("ix_audit_event_organiser_id_at", "audit_event", ["organiser_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_audit_event_organiser_id_at", table_name="audit_event")
    op.drop_column("audit_event", "after")
    op.drop_column("audit_event", "before")
    with op.batch_alter_table("organiser", table_kwargs={"sqlite_autoincrement": True}) as organiser:
        organiser.drop_constraint(op.f("ck_organiser_vat_category"), type_="check")
        organiser.drop_constraint(op.f("ck_organiser_payment_days"), type_="check")
        organiser.drop_column("vat_category")
        for name in reversed(TEXTS):
            organiser.drop_column(name)
