"""Logo and own domain of an organiser; lists of a programme in English too."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organiser", table_kwargs={"sqlite_autoincrement": True}) as organiser:
        organiser.add_column(sa.Column("logo_id", sa.Integer(), nullable=True))
        organiser.add_column(sa.Column("domain", sa.Text(), nullable=True))
        organiser.add_column(sa.Column("domain_seen_at", sa.DateTime(timezone=True), nullable=True))
        organiser.create_foreign_key(op.f("fk_organiser_logo_id"), "stored_file", ["logo_id"], ["id"])
        organiser.create_unique_constraint(op.f("uq_organiser_domain"), ["domain"])
    for table, columns in (("programme", ("target_groups_en", "questions_en")), ("module", ("goals_en",))):
        for name in columns:
            op.add_column(table, sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("module", "goals_en")
    op.drop_column("programme", "questions_en")
    op.drop_column("programme", "target_groups_en")
    with op.batch_alter_table("organiser", table_kwargs={"sqlite_autoincrement": True}) as organiser:
        organiser.drop_constraint(op.f("uq_organiser_domain"), type_="unique")
        organiser.drop_constraint(op.f("fk_organiser_logo_id"), type_="foreignkey")
        organiser.drop_column("domain_seen_at")
        organiser.drop_column("domain")
        organiser.drop_column("logo_id")
